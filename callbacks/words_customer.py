"""Every text a customer gets, in English and French, by slug: one segment of GSM-7 each where it fits."""

CUSTOMER: dict[str, dict[str, str]] = {
    "to-customer-receipt": {
        "en": "{ref}: we have your message. A technician will call you from this number by {due}. Reply to add a note, "
        "or WITHDRAW if it is solved.",
        "fr": "{ref}: votre message est noté. Un technicien vous appellera de ce numéro avant {due}. Répondez pour "
        "ajouter une note, ou RETIRER si c'est réglé.",
    },
    "to-customer-receipt-no-message": {
        "en": "{ref}: we saw your call. A technician will call you from this number by {due}. Reply to say what is "
        "wrong, or WITHDRAW if it is solved.",
        "fr": "{ref}: nous avons vu votre appel. Un technicien vous appellera de ce numéro avant {due}. Répondez pour "
        "décrire le problème, ou RETIRER.",
    },
    "to-customer-receipt-wait": {
        "en": "{ref}: we have your message. As it can wait, we will call you by {due}. If it gets worse, call again. "
        "Reply WITHDRAW if it is solved.",
        "fr": "{ref}: votre message est noté. Comme il peut attendre, nous appelons avant {due}. Si ça empire, "
        "rappelez. RETIRER si c'est réglé.",
    },
    "to-customer-calling": {
        "en": "{ref}: {who} is calling you now from this number.",
        "fr": "{ref}: {who} vous appelle maintenant de ce numéro.",
    },
    "to-customer-late": {
        "en": "{ref}: we promised you a call by {due} and are late. We are sorry. We are still on it and will call.",
        "fr": "{ref}: nous devions vous appeler avant {due} et sommes en retard. Nous nous excusons et allons appeler.",
    },
    "to-customer-tried": {
        "en": "{ref}: we called you and could not reach you ({at}). We will try again. Reply to say when you are free, "
        "or call us.",
        "fr": "{ref}: nous avons appelé sans vous joindre ({at}). Nous allons réessayer. Répondez pour dire quand, ou "
        "rappelez-nous.",
    },
    "to-customer-reached": {
        "en": "{ref}: did we reach you? Reply 1 yes, 2 no.",
        "fr": "{ref}: vous avons-nous joint? Répondez 1 oui, 2 non.",
    },
    "to-customer-confirm-withdrawal": {
        "en": "To close {ref} reply WITHDRAW {digits}",
        "fr": "Pour fermer {ref} répondez RETIRER {digits}",
    },
    "to-customer-withdrawn": {
        "en": "{ref} is withdrawn, as you asked. Call us again whenever you need us.",
        "fr": "{ref} est retiré, à votre demande. Rappelez-nous quand vous voulez.",
    },
    "a-technician": {"en": "A technician", "fr": "Un technicien"},
}
