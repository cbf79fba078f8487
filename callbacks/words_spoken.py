"""Every sentence we speak on the phone, in English and French, by slug. Digits are spaced, to be read one by one."""

SPOKEN: dict[str, dict[str, str]] = {
    "greeting": {
        "en": "You have reached the after hours emergency support line. After the tone, please leave your name, "
        "your company, your phone number, and what is wrong. A technician will call you back within {promise}. "
        "Your message is recorded. This is not 9 1 1: if a life is in danger, hang up and dial 9 1 1. "
        "Press pound when you are done.",
        "fr": "Vous avez joint la ligne de soutien d'urgence après les heures. Après le signal, laissez votre nom, "
        "votre entreprise, votre numéro de téléphone et décrivez le problème. Un technicien vous rappellera "
        "d'ici {promise}. Votre message est enregistré. Ce n'est pas le 9 1 1: si une vie est en danger, "
        "raccrochez et composez le 9 1 1. Appuyez sur le carré pour terminer.",
    },
    "thanks": {
        "en": "Thank you. We have your message. A technician will call you back within {promise}. Goodbye.",
        "fr": "Merci. Nous avons votre message. Un technicien vous rappellera d'ici {promise}. Au revoir.",
    },
    "heard-nothing": {
        "en": "We heard no message, but we know that you called. A technician will call you back within {promise}. "
        "Goodbye.",
        "fr": "Nous n'avons entendu aucun message, mais nous savons que vous avez appelé. Un technicien vous "
        "rappellera d'ici {promise}. Au revoir.",
    },
    "heard-nothing-withheld": {
        "en": "We heard no message and your number is withheld, so we cannot call you. Please call again and "
        "leave your number. Goodbye.",
        "fr": "Nous n'avons entendu aucun message et votre numéro est masqué: nous ne pouvons pas vous rappeler. "
        "Rappelez et laissez votre numéro. Au revoir.",
    },
    "minutes": {"en": "{n} minutes", "fr": "{n} minutes"},
    "seconds": {"en": "{n} seconds", "fr": "{n} secondes"},
    "voice-page": {
        "en": "{drill}Emergency from {caller}. Call back by {due}. "
        "Press 1 to take it, 2 to pass, 3 to be connected to the customer now, star to hear it again.",
        "fr": "{drill}Urgence de {caller}. Rappel avant {due}. Appuyez sur 1 pour la prendre, 2 pour passer, "
        "3 pour joindre le client maintenant, étoile pour réentendre.",
    },
    "voice-no-key": {
        "en": "No key was pressed. The next person will be paged. Goodbye.",
        "fr": "Aucune touche n'a été pressée. La prochaine personne sera avertie. Au revoir.",
    },
    "one-moment": {"en": "One moment, please.", "fr": "Un instant, s'il vous plait."},
    "voice-later": {
        "en": "Your key could not be noted yet. Please reply to our text instead. Goodbye.",
        "fr": "Votre touche n'a pu être notée. Répondez plutôt à notre texto. Au revoir.",
    },
    "voice-wrong-key": {"en": "That key does nothing here.", "fr": "Cette touche n'a pas d'effet ici."},
    "voice-gone": {"en": "This page is no longer valid. Goodbye.", "fr": "Cette alerte n'est plus valide. Au revoir."},
    "voice-acknowledged": {
        "en": "It is yours. Press 3 to be connected to the customer now, or hang up and call by {due}.",
        "fr": "Elle est à vous. Appuyez sur 3 pour joindre le client, ou raccrochez et rappelez avant {due}.",
    },
    "voice-already-yours": {
        "en": "It is already yours. Press 3 to be connected to the customer now, or hang up and call by {due}.",
        "fr": "Elle est déjà à vous. Appuyez sur 3 pour joindre le client, ou raccrochez et rappelez avant {due}.",
    },
    "voice-already-reached": {
        "en": "The customer has been reached already. Goodbye.",
        "fr": "Le client a déjà été joint. Au revoir.",
    },
    "voice-passed": {
        "en": "The next person is paged. Goodbye.",
        "fr": "La prochaine personne est avertie. Au revoir.",
    },
    "voice-taken": {
        "en": "Somebody else has it already. There is nothing to do. Goodbye.",
        "fr": "Quelqu'un d'autre s'en occupe déjà. Il n'y a rien à faire. Au revoir.",
    },
    "voice-closed": {"en": "This emergency is closed. Goodbye.", "fr": "Cette urgence est fermée. Au revoir."},
    "voice-cannot-dial": {
        "en": "It is yours, but the customer cannot be dialled: {why}. Listen to the message, then text 4 if you "
        "reached them, 5 if you could not. Goodbye.",
        "fr": "Elle est à vous, mais le client ne peut être appelé: {why}. Écoutez le message, puis textez 4 si vous "
        "l'avez joint, 5 sinon. Au revoir.",
    },
    "voice-callback-under-way": {
        "en": "A callback is under way already. Goodbye.",
        "fr": "Un rappel est déjà en cours. Au revoir.",
    },
    "voice-no-voice": {
        "en": "Your phone is not set up for callbacks. Call the customer yourself, then text 4. Goodbye.",
        "fr": "Votre téléphone n'est pas prévu pour les rappels. Appelez le client, puis textez 4. Au revoir.",
    },
    "voice-not-paged": {
        "en": "This was not paged to you. Goodbye.",
        "fr": "Cette alerte n'est pas pour vous. Au revoir.",
    },
    "bridge-prompt": {
        "en": "Emergency {ref}. Press 1 to call the customer, {caller}. The customer sees the support number.",
        "fr": "Urgence {ref}. Appuyez sur 1 pour appeler le client, {caller}. Le client verra le numéro du soutien.",
    },
    "bridge-dialling": {"en": "Calling the customer.", "fr": "Nous appelons le client."},
    "bridge-no-key": {
        "en": "1 was not pressed, so the customer was not called. Goodbye.",
        "fr": "La touche 1 n'a pas été pressée: le client n'a pas été appelé. Au revoir.",
    },
    "bridge-unanswered": {
        "en": "The customer could not be reached. The try is noted. Goodbye.",
        "fr": "Le client n'a pu être joint. La tentative est notée. Au revoir.",
    },
    "after-call": {
        "en": "Press 1 if you spoke with the customer, 2 if there was no answer, 3 if you left a message.",
        "fr": "Appuyez sur 1 si vous avez parlé au client, 2 s'il n'y a pas eu de réponse, 3 si vous avez laissé "
        "un message.",
    },
    "after-call-thanks": {"en": "Noted. Goodbye.", "fr": "C'est noté. Au revoir."},
}
