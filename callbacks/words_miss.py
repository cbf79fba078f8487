"""What is said of a promise that was missed, in English and French: short facts that make one sentence."""

MISS = {
    "outage": {"en": "we were down from {start} to {end}", "fr": "nous étions en panne de {start} à {end}"},
    "learnt-late": {"en": "we learnt of the call only at {at}", "fr": "l'appel n'a été connu qu'à {at}"},
    "could-wait": {"en": "the caller said that it could wait", "fr": "l'appelant a dit que cela pouvait attendre"},
    "nobody-on-call": {"en": "nobody was on call at {at}", "fr": "personne n'était de garde à {at}"},
    "paged": {"en": "{who} was paged at {times}", "fr": "{who} a reçu une alerte à {times}"},
    "paged-failed": {
        "en": "{who} was paged in vain at {times} ({why})",
        "fr": "{who} a été alerté en vain à {times} ({why})",
    },
    "paged-others": {"en": "others were paged too ({n})", "fr": "d'autres ont aussi reçu une alerte ({n})"},
    "not-paged": {"en": "nobody was paged before the deadline", "fr": "personne n'a été alerté avant l'échéance"},
    "acknowledged": {"en": "{who} acknowledged at {at}", "fr": "{who} a accusé réception à {at}"},
    "given-back": {
        "en": "it was acknowledged at {at} and given back or taken back",
        "fr": "la prise en charge de {at} a été rendue ou retirée",
    },
    "handed-on": {
        "en": "it was acknowledged at {at}, and {who} has it since {later}",
        "fr": "une prise en charge à {at}, et {who} en a la charge depuis {later}",
    },
    "not-acknowledged": {
        "en": "nobody acknowledged before the deadline",
        "fr": "personne n'a accusé réception avant l'échéance",
    },
    "leg-failed": {
        "en": "{who} asked to be connected at {at} and the customer was not rung ({why})",
        "fr": "{who} a demandé la communication à {at} et le client n'a pas été appelé ({why})",
    },
    "denied": {
        "en": "the customer said at {at} that nobody had reached them",
        "fr": "le client a dit à {at} que personne ne l'avait joint",
    },
    "first-try": {
        "en": "nobody tried before {at}, the deadline being {due}",
        "fr": "personne n'a essayé avant {at}, l'échéance étant {due}",
    },
    "no-try": {
        "en": "nobody tried to call the customer, the deadline being {due}",
        "fr": "personne n'a essayé d'appeler le client, l'échéance étant {due}",
    },
    "reached-late": {"en": "the customer was reached at {at}", "fr": "le client a été joint à {at}"},
}

WHY_FAILED = {
    "busy": {"en": "busy", "fr": "occupé"},
    "no-answer": {"en": "no answer", "fr": "sans réponse"},
    "undelivered": {"en": "not delivered", "fr": "non livré"},
    "refused": {"en": "refused by the carrier", "fr": "refusé par l'opérateur"},
    "mailbox": {"en": "a mailbox answered", "fr": "une boîte vocale a répondu"},
    "expired": {"en": "too late to leave", "fr": "trop tard pour partir"},
    "failed": {"en": "the call failed", "fr": "échec de l'appel"},
    "no-key": {"en": "1 was not pressed", "fr": "touche 1 non pressée"},
    "capped": {"en": "too many calls that day", "fr": "trop d'appels ce jour-là"},
    "cancelled": {"en": "cancelled", "fr": "annulé"},
}
