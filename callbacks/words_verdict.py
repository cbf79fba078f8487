"""The sentence that says what decided a verdict, in English and French, by the verdict's reason."""

RESULTS = {
    "bridged": {"en": "bridged", "fr": "mis en communication"},
    "no-answer": {"en": "no answer", "fr": "sans réponse"},
    "busy": {"en": "busy", "fr": "occupé"},
    "machine": {"en": "a mailbox", "fr": "une boîte vocale"},
    "failed": {"en": "failed", "fr": "échec"},
    "declared": {"en": "declared", "fr": "déclaré"},
}

WHY = {
    "pending": {
        "en": "The deadline has not passed and no conversation is proven yet.",
        "fr": "L'échéance n'est pas passée et aucune conversation n'est encore prouvée.",
    },
    "drill": {"en": "A drill is outside the figures.", "fr": "Un exercice ne compte pas dans les chiffres."},
    "excluded": {"en": "Excluded by a supervisor.", "fr": "Exclu par un superviseur."},
    "no-message": {
        "en": "Nobody left a message; the policy keeps such a call and wakes nobody.",
        "fr": "Personne n'a laissé de message; la politique garde un tel appel et ne réveille personne.",
    },
    "withdrawn": {"en": "Withdrawn before the deadline.", "fr": "Retiré avant l'échéance."},
    "carrier": {
        "en": "{by} spoke with the customer over our bridge for {talk}, {after} after the clock started.",
        "fr": "{by} a parlé au client par notre pont pendant {talk}, {after} après le départ du compte.",
    },
    "customer": {
        "en": "{by} declared a conversation {after} after the clock started, and the customer confirmed it.",
        "fr": "{by} a déclaré une conversation {after} après le départ du compte, et le client l'a confirmée.",
    },
    "declared": {
        "en": "{by} declared a conversation {after} after the clock started; nobody else vouches for it.",
        "fr": "{by} a déclaré une conversation {after} après le départ du compte; personne d'autre n'en répond.",
    },
    "tried": {
        "en": "{by} tried in time ({result}) and the customer could not be reached.",
        "fr": "{by} a essayé à temps ({result}) et le client n'a pas pu être joint.",
    },
    "nothing-tried": {
        "en": "Nobody tried to call the customer before the deadline.",
        "fr": "Personne n'a essayé d'appeler le client avant l'échéance.",
    },
    "outage": {"en": "We were down in that time.", "fr": "Nous étions en panne pendant ce temps."},
}
