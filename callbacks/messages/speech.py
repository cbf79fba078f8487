"""Every sentence we speak on the phone, in English and French, by slug. Digits are spaced, to be read one by one."""

SPOKEN: dict[str, dict[str, str]] = {
    "menu-language": {
        "en": "For service in English, press {key}.",
        "fr": "Pour le service en français, appuyez sur le {key}.",
    },
    "greeting-closed": {
        "en": "You have reached the after hours emergency support line.",
        "fr": "Vous avez joint la ligne de soutien d'urgence après les heures.",
    },
    "greeting-open": {
        "en": "You have reached the support line. Nobody is free to take your call right now.",
        "fr": "Vous avez joint la ligne de soutien. Personne n'est libre pour prendre votre appel en ce moment.",
    },
    "greeting-ask": {
        "en": "After the tone, please leave your name, your company, your phone number, the product, what is wrong, "
        "and since when. A technician will call you back within {promise}. Your message is recorded. "
        "This is not 9 1 1: if a life is in danger, hang up and dial 9 1 1. Press pound when you are done.",
        "fr": "Après le signal, laissez votre nom, votre entreprise, votre numéro de téléphone, le produit, ce qui ne "
        "va pas et depuis quand. Un technicien vous rappellera d'ici {promise}. Votre message est enregistré. "
        "Ce n'est pas le 9 1 1: si une vie est en danger, raccrochez et composez le 9 1 1. "
        "Appuyez sur le carré pour terminer.",
    },
    "greeting-wait": {
        "en": "If it can wait for business hours, press {key} now.",
        "fr": "Si cela peut attendre les heures d'ouverture, appuyez sur le {key} maintenant.",
    },
    "greeting-can-wait": {
        "en": "Nobody will be woken. After the tone, please leave your name, your company, your phone number, the "
        "product, what is wrong, and since when. We will call you back by {due}. Your message is recorded. Press "
        "pound when you are done.",
        "fr": "Personne ne sera réveillé. Après le signal, laissez votre nom, votre entreprise, votre numéro de "
        "téléphone, le produit, ce qui ne va pas et depuis quand. Nous vous rappellerons avant {due}. Votre message "
        "est enregistré. Appuyez sur le carré pour terminer.",
    },
    "greeting-again": {
        "en": "Welcome back. Your emergency {ref} is open. {status} We will call you by {due}. To add a message, speak "
        "after the tone. If this is about something else, press {key} now.",
        "fr": "Rebonjour. Votre urgence {ref} est ouverte. {status} Nous vous appellerons avant {due}. Pour ajouter un "
        "message, parlez après le signal. S'il s'agit d'autre chose, appuyez sur le {key} maintenant.",
    },
    "greeting-again-late": {
        "en": "Welcome back. Your emergency {ref} is open. {status} We promised to call you by {due}; we are late, and "
        "we are sorry. To add a message, speak after the tone. If this is about something else, press {key} now.",
        "fr": "Rebonjour. Votre urgence {ref} est ouverte. {status} Nous devions vous appeler avant {due}; nous sommes "
        "en retard et nous nous en excusons. Pour ajouter un message, parlez après le signal. S'il s'agit d'autre "
        "chose, appuyez sur le {key} maintenant.",
    },
    "again-owned": {"en": "A technician has it.", "fr": "Un technicien s'en occupe."},
    "again-paged": {"en": "A technician is being paged.", "fr": "Un technicien est en train d'être averti."},
    "blocked": {
        "en": "We cannot take your call on this line. Please write to us instead. Goodbye.",
        "fr": "Nous ne pouvons pas prendre votre appel sur cette ligne. Veuillez nous écrire. Au revoir.",
    },
    "confirm-number": {
        "en": "We will call you back at {number}. If that is right, press 1 or hang up. For another number, key it in "
        "with its area code, then press pound.",
        "fr": "Nous vous rappellerons au {number}. Si c'est exact, appuyez sur le 1 ou raccrochez. Pour un autre "
        "numéro, composez-le avec l'indicatif, puis appuyez sur le carré.",
    },
    "ask-number": {
        "en": "Your number is hidden from us. Please key in the number where we can reach you, with its area code, "
        "then press pound.",
        "fr": "Votre numéro nous est masqué. Composez le numéro où nous pouvons vous joindre, avec l'indicatif, puis "
        "appuyez sur le carré.",
    },
    "ask-other-number": {
        "en": "We cannot call the number that you are calling from. Please key in another number where we can reach "
        "you, with its area code, then press pound.",
        "fr": "Nous ne pouvons pas appeler le numéro d'où vous appelez. Composez un autre numéro où nous pouvons vous "
        "joindre, avec l'indicatif, puis appuyez sur le carré.",
    },
    "ask-number-again": {
        "en": "Please key in the number once more, with its area code, then press pound.",
        "fr": "Composez encore une fois le numéro, avec l'indicatif, puis appuyez sur le carré.",
    },
    "number-wrong": {
        "en": "That is not a number we can call. Ten digits are needed.",
        "fr": "Nous ne pouvons pas appeler ce numéro. Il faut dix chiffres.",
    },
    "number-noted": {
        "en": "Thank you. We will call you at {number}.",
        "fr": "Merci. Nous vous appellerons au {number}.",
    },
    "thanks-plain": {
        "en": "Thank you. We have your message. A technician will call you back.",
        "fr": "Merci. Nous avons votre message. Un technicien vous rappellera.",
    },
    "heard-nothing-plain": {
        "en": "We heard no message, but we know that you called.",
        "fr": "Nous n'avons entendu aucun message, mais nous savons que vous avez appelé.",
    },
    "thanks-wait": {
        "en": "Thank you. We have your message. We will call you back by {due}.",
        "fr": "Merci. Nous avons votre message. Nous vous rappellerons avant {due}.",
    },
    "thanks-added": {
        "en": "Thank you. Your message was added. We will call you by {due}.",
        "fr": "Merci. Votre message est ajouté. Nous vous appellerons avant {due}.",
    },
    "thanks-added-late": {
        "en": "Thank you. Your message was added. We are late, we are sorry, and we are still on it.",
        "fr": "Merci. Votre message est ajouté. Nous sommes en retard, nous nous en excusons, et nous nous en occupons "
        "toujours.",
    },
    "goodbye": {"en": "Goodbye.", "fr": "Au revoir."},
    "thanks": {
        "en": "Thank you. We have your message. A technician will call you back within {promise}.",
        "fr": "Merci. Nous avons votre message. Un technicien vous rappellera d'ici {promise}.",
    },
    "heard-nothing": {
        "en": "We heard no message, but we know that you called. A technician will call you back within {promise}.",
        "fr": "Nous n'avons entendu aucun message, mais nous savons que vous avez appelé. Un technicien vous "
        "rappellera d'ici {promise}.",
    },
    "heard-nothing-due": {
        "en": "We heard no message, but we know that you called. We will call you by {due}.",
        "fr": "Nous n'avons entendu aucun message, mais nous savons que vous avez appelé. Nous vous appellerons "
        "avant {due}.",
    },
    "heard-nothing-late": {
        "en": "We heard no message, but we know that you called. We are late, we are sorry, and we are still on it.",
        "fr": "Nous n'avons entendu aucun message, mais nous savons que vous avez appelé. Nous sommes en retard, nous "
        "nous en excusons, et nous nous en occupons toujours.",
    },
    "heard-nothing-kept": {
        "en": "We heard no message. If you need us, please call again and leave one.",
        "fr": "Nous n'avons entendu aucun message. Si vous avez besoin de nous, rappelez et laissez-en un.",
    },
    "minutes": {"en": "{n} minutes", "fr": "{n} minutes"},
    "seconds": {"en": "{n} seconds", "fr": "{n} secondes"},
    "voice-page": {
        "en": "{drill}Emergency from {caller}. Call back by {due}. "
        "Press 1 to take it, 2 to pass, 3 to be connected to the customer now, star to hear it again.",
        "fr": "{drill}Urgence de {caller}. Rappel avant {due}. Appuyez sur 1 pour la prendre, 2 pour passer, "
        "3 pour joindre le client maintenant, étoile pour réentendre.",
    },
    "voice-page-late": {
        "en": "{drill}Emergency from {caller}. The call back was due by {due}: call now. "
        "Press 1 to take it, 2 to pass, 3 to be connected to the customer now, star to hear it again.",
        "fr": "{drill}Urgence de {caller}. Le rappel était promis avant {due}: rappelez maintenant. Appuyez sur 1 pour "
        "la prendre, 2 pour passer, 3 pour joindre le client maintenant, étoile pour réentendre.",
    },
    "voice-page-plain": {
        "en": "An emergency is waiting. Press 1 to take it, 2 to pass, 3 to be connected to the customer now.",
        "fr": "Une urgence attend. Appuyez sur 1 pour la prendre, 2 pour passer, 3 pour joindre le client maintenant.",
    },
    "voice-page-drill": {
        "en": "This is a drill, nobody is waiting. Press 1 to say that you heard it.",
        "fr": "Ceci est un exercice, personne n'attend. Appuyez sur le 1 pour dire que vous l'avez entendu.",
    },
    "voice-drill-done": {
        "en": "Thank you. The drill is confirmed. Goodbye.",
        "fr": "Merci. L'exercice est confirmé. Au revoir.",
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
    "voice-acknowledged-late": {
        "en": "It is yours. The call back was due by {due}. Press 3 to be connected to the customer now, or hang up "
        "and call now.",
        "fr": "Elle est à vous. Le rappel était promis avant {due}. Appuyez sur 3 pour joindre le client, ou "
        "raccrochez et rappelez maintenant.",
    },
    "voice-already-yours": {
        "en": "It is already yours. Press 3 to be connected to the customer now, or hang up and call by {due}.",
        "fr": "Elle est déjà à vous. Appuyez sur 3 pour joindre le client, ou raccrochez et rappelez avant {due}.",
    },
    "voice-already-yours-late": {
        "en": "It is already yours. The call back was due by {due}. Press 3 to be connected to the customer now, or "
        "hang up and call now.",
        "fr": "Elle est déjà à vous. Le rappel était promis avant {due}. Appuyez sur 3 pour joindre le client, ou "
        "raccrochez et rappelez maintenant.",
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
        "en": "It is yours, but the customer cannot be dialled: {why}. Listen to the message, then text 4 and "
        "the code if you reached them, 5 and the code if you could not. Goodbye.",
        "fr": "Elle est à vous, mais le client ne peut être appelé: {why}. Écoutez le message, puis textez 4 et le "
        "code si vous l'avez joint, 5 et le code sinon. Au revoir.",
    },
    "voice-callback-under-way": {
        "en": "A callback is under way already. Goodbye.",
        "fr": "Un rappel est déjà en cours. Au revoir.",
    },
    "voice-too-many-calls": {
        "en": "We place no more calls for this emergency. Call the customer yourself, then text 4. Goodbye.",
        "fr": "Nous ne plaçons plus d'appels pour cette urgence. Appelez le client, puis textez 4. Au revoir.",
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
    "bridge-prompt-plain": {
        "en": "Press 1 to call the customer.",
        "fr": "Appuyez sur 1 pour appeler le client.",
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
