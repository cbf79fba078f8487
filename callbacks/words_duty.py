"""What is said of duty, in English and French: who is on call, handoffs, gaps ahead, drills, calendars."""

DUTY: dict[str, dict[str, str]] = {
    "who": {"en": "On call: {list}.", "fr": "De garde: {list}."},
    "who-now": {
        "en": "{rotation} {person} until {until}, then {next}",
        "fr": "{rotation} {person} jusqu'à {until}, puis {next}",
    },
    "who-always": {"en": "{rotation} {person}", "fr": "{rotation} {person}"},
    "who-nobody": {"en": "nobody", "fr": "personne"},
    "who-none": {"en": "nobody: the roster has no rotation", "fr": "personne: la liste n'a aucune rotation"},
    "handoff-in": {
        "en": "You are on call for {rotation} from now until {until}. Send ready to confirm.",
        "fr": "Vous êtes de garde pour {rotation} dès maintenant et jusqu'à {until}. Envoyez ready pour confirmer.",
    },
    "handoff-out": {
        "en": "{person} has taken over {rotation}; you are off call.",
        "fr": "{person} prend la relève pour {rotation}; votre garde est finie.",
    },
    "handoff-taken": {
        "en": "{rotation} was taken from you and nobody has it now; you are off call.",
        "fr": "{rotation} vous a été retirée et personne ne l'a maintenant; votre garde est finie.",
    },
    "handoff-confirmed": {"en": "Confirmed: {rotation} is yours.", "fr": "Confirmé: {rotation} est à vous."},
    "handoff-unconfirmed": {
        "en": "{person} has not confirmed {rotation} since {since}. Call them, or put somebody else on call.",
        "fr": "{person} n'a pas confirmé {rotation} depuis {since}. Appelez, ou mettez quelqu'un d'autre de garde.",
    },
    "drill-silent": {
        "en": "{person} has not answered the drill {ref} in 10 minutes, by text and by call. Find out why that phone "
        "stays silent, or put somebody else on call.",
        "fr": "{person} n'a pas répondu à l'exercice {ref} en 10 minutes, par texto et par appel. Voyez pourquoi ce "
        "téléphone se tait, ou mettez quelqu'un d'autre de garde.",
    },
    "gap-ahead": {
        "en": "Nobody is on call for {rotation} from {start} to {end}. Add an override to cover it.",
        "fr": "Personne de garde pour {rotation} de {start} à {end}. Ajoutez quelqu'un par une exception.",
    },
    "gap-now": {
        "en": "Nobody is on call for {rotation} now, until {end}. Add an override to cover it.",
        "fr": "Personne n'est de garde pour {rotation} en ce moment, jusqu'à {end}. Ajoutez une exception.",
    },
    "gap-ahead-open": {
        "en": "Nobody is on call for {rotation} from {start}, with no end in the roster. Add an override to cover it.",
        "fr": "Personne de garde pour {rotation} à partir de {start}, sans fin prévue. Ajoutez une exception.",
    },
    "gap-now-open": {
        "en": "Nobody is on call for {rotation} now, with no end in the roster. Add an override to cover it.",
        "fr": "Personne n'est de garde pour {rotation} en ce moment, sans fin prévue. Ajoutez une exception.",
    },
    "feed-broken": {
        "en": "The calendar of {rotation} cannot be read ({why}); the last good copy is in use.",
        "fr": "Le calendrier de {rotation} est illisible ({why}); la dernière bonne copie est utilisée.",
    },
    "feed-left-out": {
        "en": "Calendar of {rotation}: {list}. Left out: nobody is on call by it.",
        "fr": "Calendrier de {rotation}: {list}. Non retenu: personne n'est de garde par cet événement.",
    },
    "feed-left-out-more": {
        "en": "Calendar of {rotation}: {list}; and {n} more. Left out: nobody is on call by them.",
        "fr": "Calendrier de {rotation}: {list}; et {n} autres. Non retenus: personne n'est de garde par eux.",
    },
    "left-out-unknown": {"en": "names nobody we know", "fr": "ne nomme personne de connu"},
    "left-out-several": {"en": "names more than one person", "fr": "nomme plus d'une personne"},
    "left-out-absent": {
        "en": "names a person with a word for absence",
        "fr": "nomme une personne avec un mot d'absence",
    },
    "left-out-backwards": {"en": "ends before it starts", "fr": "finit avant de commencer"},
    "left-out-too-often": {"en": "repeats more often than hourly", "fr": "se répète plus d'une fois l'heure"},
    "left-out-called-off": {
        "en": "says that it is cancelled, but is not marked so",
        "fr": "se dit annulé sans être marqué comme tel",
    },
    "left-out-unreadable": {"en": "cannot be read", "fr": "est illisible"},
    "left-out-too-slow": {"en": "takes too long to work out", "fr": "est trop long à calculer"},
    "no-handoff": {
        "en": "No handoff waits for your answer. Send who to see who is on call.",
        "fr": "Aucune relève n'attend votre réponse. Envoyez who pour savoir qui est de garde.",
    },
}
