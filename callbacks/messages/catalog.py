"""Every sentence we text, in English and French, by slug.

- Texts stay inside GSM-7, so that a page is one or two cheap segments: no ê, ç, ô, û, î, curly quotes.
- `{…}` are filled by `wording.py`; local times are made there.
- Every refusal says what to send instead.
"""

WRITTEN: dict[str, dict[str, str]] = {
    # --- pages ---
    "page": {
        "en": "{drill}{priority} {ref} #{code}: {caller}, {message}. Call by {due}. "
        "Reply 1 have it, 2 pass, 3 connect.",
        "fr": "{drill}{priority} {ref} #{code}: {caller}, {message}. Rappel avant {due}. "
        "Répondez 1 je prends, 2 je passe, 3 connectez-moi.",
    },
    "page-late": {
        "en": "{drill}{priority} {ref} #{code}: {caller}, {message}. Was due {due}: call now. "
        "Reply 1 have it, 2 pass, 3 connect.",
        "fr": "{drill}{priority} {ref} #{code}: {caller}, {message}. Promis avant {due}: rappelez maintenant. "
        "Répondez 1 je prends, 2 je passe, 3 connectez-moi.",
    },
    "page-drill": {
        "en": "DRILL {ref} #{code}: this is a test of your pager, nobody is waiting. Reply 1 to say that you got it.",
        "fr": "EXERCICE {ref} #{code}: essai de votre alerte, personne n'attend. Répondez 1 pour dire que c'est reçu.",
    },
    "drill-done": {
        "en": "{ref}: drill confirmed at {now}. Thank you, nothing more to do.",
        "fr": "{ref}: exercice confirmé à {now}. Merci, rien d'autre à faire.",
    },
    "page-withheld": {
        "en": "{drill}{priority} {ref} #{code}: {caller}, {message}. Call back by {due}: listen to the message for "
        "a number. Reply 1 have it, 2 pass.",
        "fr": "{drill}{priority} {ref} #{code}: {caller}, {message}. Rappel avant {due}: écoutez le message pour "
        "un numéro. Répondez 1 je prends, 2 je passe.",
    },
    "page-withheld-late": {
        "en": "{drill}{priority} {ref} #{code}: {caller}, {message}. Was due {due}: listen to the message for a number "
        "and call now. Reply 1 have it, 2 pass.",
        "fr": "{drill}{priority} {ref} #{code}: {caller}, {message}. Promis avant {due}: écoutez le message pour un "
        "numéro et rappelez maintenant. Répondez 1 je prends, 2 je passe.",
    },
    "bundle": {
        "en": "{n} emergencies, {list}. Reply with the code: 1 {code} have it, 2 {code} pass, "
        "3 {code} connect me, 0 list.",
        "fr": "{n} urgences, {list}. Répondez avec le code: 1 {code} je prends, 2 {code} je passe, "
        "3 {code} connectez-moi, 0 liste.",
    },
    "bundle-overdue": {"en": "overdue, call now: {list}", "fr": "en retard, rappelez maintenant: {list}"},
    "bundle-by": {"en": "call back by: {list}", "fr": "rappel avant: {list}"},
    "and-more": {
        "en": "{n} more emergencies wait for you; see your texts.",
        "fr": "{n} autres urgences vous attendent; voyez vos textos.",
    },
    "message": {"en": "message of {length} at {at}", "fr": "message de {length} à {at}"},
    "message-coming": {"en": "called at {at}", "fr": "appel à {at}"},
    "message-none": {"en": "no message, called at {at}", "fr": "sans message, appel à {at}"},
    "withheld": {"en": "number withheld", "fr": "numéro masqué"},
    "unknown-number": {"en": "number not known yet", "fr": "numéro pas encore connu"},
    "drill": {"en": "DRILL ", "fr": "EXERCICE "},
    "remind": {
        "en": "{ref} #{code} is yours and the customer has not been called yet. Due {due}. "
        "Send 3 to be connected now, 2 {code} to pass it on.",
        "fr": "{ref} #{code} est à vous et le client n'a pas encore été appelé. Limite {due}. "
        "Envoyez 3 pour le joindre maintenant, 2 {code} pour passer.",
    },
    "handed-over": {
        "en": "{ref} #{code} was handed to you: {caller}, {message}. Call back by {due}: send 3 to be connected, "
        "2 {code} to pass it on.",
        "fr": "{ref} #{code} vous est confié: {caller}, {message}. Rappel avant {due}: envoyez 3 pour joindre le "
        "client, 2 {code} pour passer.",
    },
    "handed-over-late": {
        "en": "{ref} #{code} was handed to you: {caller}, {message}. Was due {due}: send 3 to be connected now, "
        "2 {code} to pass it on.",
        "fr": "{ref} #{code} vous est confié: {caller}, {message}. Promis avant {due}: envoyez 3 pour joindre le "
        "client maintenant, 2 {code} pour passer.",
    },
    "taken-back": {
        "en": "{ref} #{code} was taken back: no call to the customer yet. Others are being paged. "
        "Send 1 {code} to take it again, 3 to be connected.",
        "fr": "{ref} #{code} vous a été retiré: le client n'a pas été appelé. D'autres sont avertis. "
        "Envoyez 1 {code} pour reprendre, 3 pour joindre le client.",
    },
    "second-try": {
        "en": "{ref}: the customer was not reached; a mailbox does not count. Try once more after {again}: send 3 to "
        "be connected, 4 {code} if you have spoken.",
        "fr": "{ref}: le client n'a pas été joint; une boîte vocale ne compte pas. Réessayez après {again}: envoyez 3 "
        "pour le joindre, 4 {code} si vous lui avez parlé.",
    },
    "called-again": {
        "en": "{ref} #{code}: the customer called again and still waits, due {due}. Send 3 to be connected.",
        "fr": "{ref} #{code}: le client a rappelé et attend toujours, limite {due}. Envoyez 3 pour le joindre.",
    },
    "number-given": {
        "en": "{ref} #{code}: the customer gave a number: {caller}. Send 3 to be connected.",
        "fr": "{ref} #{code}: le client a donné un numéro: {caller}. Envoyez 3 pour le joindre.",
    },
    "customer-says": {
        "en": "{ref} #{code}: the customer writes: {words}",
        "fr": "{ref} #{code}: le client écrit: {words}",
    },
    "customer-says-more": {
        "en": "{ref} #{code}: {n} more notes from the customer, all on the page: {words}",
        "fr": "{ref} #{code}: {n} autres notes du client, toutes sur la page: {words}",
    },
    "customer-withdrew": {
        "en": "{ref}: the customer withdrew it. Nothing more to do; send 0 for your emergencies.",
        "fr": "{ref}: le client l'a retiré. Rien à faire; envoyez 0 pour vos urgences.",
    },
    "called-times": {"en": ", called {n} times", "fr": ", {n} appels"},
    "callback-failed": {
        "en": "{ref}: your phone could not be connected ({why}); the customer was not rung. Send 3 to try again.",
        "fr": "{ref}: votre téléphone n'a pu être joint ({why}); le client n'a pas été appelé. "
        "Envoyez 3 pour réessayer.",
    },
    "calls-used-up": {
        "en": "{ref}: the calls that we place in a day are used up; nobody was rung. Call the customer yourself, then "
        "send 4 {code} once you have spoken, 5 {code} if no answer.",
        "fr": "{ref}: les appels que nous pouvons faire en un jour sont faits; personne n'a été appelé. Appelez le "
        "client, puis envoyez 4 {code} après lui avoir parlé, 5 {code} si pas de réponse.",
    },
    # --- supervisors ---
    "at-risk": {
        "en": "AT RISK {ref} #{code}: no callback tried, due {due}. {owner} Send 1 {code} to take it, 3 to be "
        "connected.",
        "fr": "À RISQUE {ref} #{code}: aucun rappel tenté, limite {due}. {owner} "
        "Envoyez 1 {code} pour le prendre, 3 pour joindre le client.",
    },
    "missed": {
        "en": "MISSED {ref} #{code}: nobody called the customer by {due}. {owner} "
        "Send 1 {code} to take it, 3 to be connected.",
        "fr": "MANQUÉ {ref} #{code}: personne n'a rappelé le client avant {due}. {owner} "
        "Envoyez 1 {code} pour le prendre, 3 pour joindre le client.",
    },
    "contested": {
        "en": "CONTESTED {ref} #{code}: the customer says that nobody reached them, due {due}. {owner} "
        "Send 1 {code} to take it, 3 to be connected.",
        "fr": "CONTESTÉ {ref} #{code}: le client dit que personne ne l'a joint, limite {due}. {owner} "
        "Envoyez 1 {code} pour le prendre, 3 pour joindre le client.",
    },
    "unconfirmed": {
        "en": "UNCONFIRMED {ref} #{code}: a technician says that they spoke with the customer, who has not confirmed "
        "it "
        "by {due}. {owner} Ask the customer; send 3 to be connected.",
        "fr": "NON CONFIRMÉ {ref} #{code}: selon un technicien, le client a été joint; celui-ci ne l'a pas confirmé "
        "avant {due}. {owner} Demandez au client; envoyez 3 pour le joindre.",
    },
    "withdrawal-guessed": {
        "en": "{ref} #{code}: three texts from the customer's number tried to withdraw it with a wrong number; it may "
        "be "
        "forged. Nothing was closed. {owner} Send 3 to be connected.",
        "fr": "{ref} #{code}: trois textos du numéro du client ont tenté de le retirer avec un mauvais nombre; le "
        "numéro "
        "est peut-être imité. Rien n'est fermé. {owner} Envoyez 3 pour joindre le client.",
    },
    "waiting": {
        "en": "WAITING {ref} #{code}: {caller}, {message}. It can wait; call back by {due}. "
        "Send 1 {code} to take it, 3 to be connected.",
        "fr": "EN ATTENTE {ref} #{code}: {caller}, {message}. Peut attendre; rappel avant {due}. "
        "Envoyez 1 {code} pour le prendre, 3 pour joindre le client.",
    },
    "nobody-on-call": {
        "en": "NOBODY ON CALL for {ref} #{code}: {caller}, due {due}. Send 1 {code} to take it, 3 to be connected.",
        "fr": "PERSONNE DE GARDE pour {ref} #{code}: {caller}, limite {due}. "
        "Envoyez 1 {code} pour le prendre, 3 pour joindre le client.",
    },
    "all-passed": {
        "en": "EVERYBODY PASSED {ref} #{code}: {caller}, due {due}. Paging goes on. Send 1 {code} to take it, 3 to be "
        "connected.",
        "fr": "TOUS ONT PASSÉ {ref} #{code}: {caller}, limite {due}. Les alertes continuent. "
        "Envoyez 1 {code} pour le prendre, 3 pour joindre le client.",
    },
    "opted-out": {
        "en": "{person} has stopped our texts; pages go by voice until they text START to this number.",
        "fr": "{person} a bloqué nos textos; les alertes vont par appel jusqu'à ce qu'un texto START nous parvienne.",
    },
    "opted-out-no-voice": {
        "en": "{person} has stopped our texts and takes no calls: no page reaches them until they text START to this "
        "number. Put somebody else on call.",
        "fr": "{person} a bloqué nos textos et ne prend pas d'appels: aucune alerte ne l'atteint avant un texto START. "
        "Mettez quelqu'un d'autre de garde.",
    },
    "texts-refused": {
        "en": "Texts to {person} do not arrive (error {code}); pages go by voice. Check the number in the roster; a "
        "text "
        "START from that phone brings them back.",
        "fr": "Les textos à {person} n'arrivent pas (erreur {code}); les alertes vont par appel. Vérifiez le numéro; "
        "un "
        "texto START de ce téléphone les rétablit.",
    },
    "texts-refused-no-voice": {
        "en": "Texts to {person} do not arrive (error {code}) and calls are off: no page reaches them. Check the "
        "number "
        "in the roster, or put somebody else on call.",
        "fr": "Les textos à {person} n'arrivent pas (erreur {code}), sans appels permis: aucune alerte ne l'atteint. "
        "Vérifiez le numéro, ou mettez quelqu'un d'autre de garde.",
    },
    "has-it": {"en": "{owner} has it.", "fr": "{owner} s'en occupe."},
    "nobody-has-it": {"en": "Nobody has it.", "fr": "Personne ne l'a pris."},
    # --- answers to a technician's text ---
    "acknowledged": {
        "en": "{ref} is yours. Call the customer by {due}: send 3 to be connected, 4 {code} once you have spoken, "
        "5 {code} if no answer.",
        "fr": "{ref} est à vous. Rappelez le client avant {due}: envoyez 3 pour le joindre, 4 {code} après lui avoir "
        "parlé, 5 {code} si pas de réponse.",
    },
    "acknowledged-late": {
        "en": "{ref} is yours. The call was due {due}, so call now: send 3 to be connected, 4 {code} once you have "
        "spoken, 5 {code} if no answer.",
        "fr": "{ref} est à vous. Promis avant {due}, rappelez maintenant: envoyez 3 pour joindre le client, 4 {code} "
        "après lui avoir parlé, 5 {code} si pas de réponse.",
    },
    "acknowledged-withheld": {
        "en": "{ref} is yours. The number is withheld: listen to the message for one and call by {due}. "
        "Send 4 {code} once you have spoken, 5 {code} if you could not.",
        "fr": "{ref} est à vous. Numéro masqué: écoutez le message pour en trouver un et rappelez avant {due}. "
        "Envoyez 4 {code} après avoir parlé, 5 {code} sinon.",
    },
    "acknowledged-withheld-late": {
        "en": "{ref} is yours. The call was due {due} and the number is withheld: listen to the message for one and "
        "call now. Send 4 {code} once you have spoken, 5 {code} if you could not.",
        "fr": "{ref} est à vous. Promis avant {due}, numéro masqué: écoutez le message pour en trouver un et rappelez "
        "maintenant. Envoyez 4 {code} après avoir parlé, 5 {code} sinon.",
    },
    "already-yours": {
        "en": "{ref} is already yours, callback due {due}. Send 3 to be connected, 4 {code} once you have spoken, "
        "5 {code} if no answer.",
        "fr": "{ref} est déjà à vous, rappel avant {due}. Envoyez 3 pour joindre le client, 4 {code} après lui avoir "
        "parlé, 5 {code} si pas de réponse.",
    },
    "already-yours-late": {
        "en": "{ref} is already yours and was due {due}: call now. Send 3 to be connected, 4 {code} once you have "
        "spoken, 5 {code} if no answer.",
        "fr": "{ref} est déjà à vous, promis avant {due}: rappelez maintenant. Envoyez 3 pour joindre le client, "
        "4 {code} après lui avoir parlé, 5 {code} si pas de réponse.",
    },
    "taken": {
        "en": "{owner} has {ref} since {since}. Nothing to do; send 0 for your emergencies.",
        "fr": "{owner} a {ref} depuis {since}. Rien à faire; envoyez 0 pour vos urgences.",
    },
    "not-paged": {
        "en": "{ref} was not paged to you, so you cannot act on it. Send 0 for your emergencies.",
        "fr": "{ref} ne vous a pas été envoyé: vous ne pouvez pas agir. Envoyez 0 pour vos urgences.",
    },
    "closed": {
        "en": "{ref} is closed; nothing was changed. Send 0 for your emergencies.",
        "fr": "{ref} est fermé; rien n'a changé. Envoyez 0 pour vos urgences.",
    },
    "passed": {
        "en": "{ref}: the next person is paged. Send 1 {code} if you can take it after all.",
        "fr": "{ref}: la prochaine personne est avertie. Envoyez 1 {code} si vous pouvez le prendre finalement.",
    },
    "calling": {
        "en": "{ref}: your phone rings now. Press 1 to be connected to the customer.",
        "fr": "{ref}: votre téléphone sonne. Appuyez sur 1 pour joindre le client.",
    },
    "callback-under-way": {
        "en": "{ref}: a callback is under way, nobody else was rung. Send 4 {code} once you have spoken, 5 {code} if "
        "no answer.",
        "fr": "{ref}: un rappel est en cours, personne d'autre n'est appelé. Envoyez 4 {code} après avoir parlé, "
        "5 {code} si pas de réponse.",
    },
    "cannot-dial": {
        "en": "{ref}: the customer cannot be dialled ({why}); nobody was rung. Listen to the message, then send "
        "4 {code} if you reached them, 5 {code} if you could not.",
        "fr": "{ref}: le client ne peut être appelé ({why}); personne n'a été appelé. Écoutez le message, puis "
        "envoyez 4 {code} si vous l'avez joint, 5 {code} sinon.",
    },
    "too-many-calls": {
        "en": "{ref}: we place no more calls for it. Call the customer yourself, then send 4 {code} once you have "
        "spoken, "
        "5 {code} if no answer.",
        "fr": "{ref}: nous ne plaçons plus d'appels pour elle. Appelez le client, puis envoyez 4 {code} après lui "
        "avoir "
        "parlé, 5 {code} si pas de réponse.",
    },
    "no-voice": {
        "en": "{ref}: your phone is not set up for calls. Call the customer yourself, then send 4 {code} once you have "
        "spoken, 5 {code} if no answer.",
        "fr": "{ref}: votre téléphone n'est pas prévu pour les appels. Appelez le client, puis envoyez 4 {code} après "
        "lui avoir parlé, 5 {code} si pas de réponse.",
    },
    "reached": {
        "en": "{ref}: you reached the customer, noted at {now}. Send 6 {code} and a note when it is solved.",
        "fr": "{ref}: client joint, noté à {now}. Envoyez 6 {code} et une note quand c'est réglé.",
    },
    "reached-resolved": {
        "en": "{ref}: you reached the customer, noted at {now}. It is resolved; nothing more to do.",
        "fr": "{ref}: client joint, noté à {now}. C'est réglé; plus rien à faire.",
    },
    "already-reached": {
        "en": "{ref}: the customer was reached at {contact}. Send 6 {code} and a note when it is solved.",
        "fr": "{ref}: le client a été joint à {contact}. Envoyez 6 {code} et une note quand c'est réglé.",
    },
    "no-answer": {
        "en": "{ref}: no answer noted at {now}. Try again before {due}: send 3 to be connected.",
        "fr": "{ref}: pas de réponse, noté à {now}. Réessayez avant {due}: envoyez 3 pour joindre le client.",
    },
    "no-answer-late": {
        "en": "{ref}: no answer noted at {now}. It was due {due}; try again soon: send 3 to be connected.",
        "fr": "{ref}: pas de réponse, noté à {now}. Promis avant {due}; réessayez bientôt: envoyez 3 pour joindre le "
        "client.",
    },
    "done": {"en": "{ref} is resolved. Thank you.", "fr": "{ref} est réglé. Merci."},
    "done-but-owed": {
        "en": "{ref} is noted as resolved, but the customer is still owed a call by {due}. Send 3 to be connected, "
        "4 {code} if you have spoken.",
        "fr": "{ref} est noté réglé, mais on doit encore rappeler le client avant {due}. Envoyez 3 pour le joindre, "
        "4 {code} si vous lui avez parlé.",
    },
    "done-too-late": {
        "en": "{ref} is resolved. Nobody called the customer by {due}. Send 3 to call them all the same, "
        "4 {code} if you have spoken.",
        "fr": "{ref} est réglé. Personne n'a rappelé le client avant {due}. Envoyez 3 pour l'appeler tout de même, "
        "4 {code} si vous lui avez parlé.",
    },
    "done-not-reached": {
        "en": "{ref} is noted as resolved, but the customer was not reached. Try once more before {due}: "
        "send 3 to be connected, 4 {code} if you have spoken.",
        "fr": "{ref} est noté réglé, mais le client n'a pas été joint. Réessayez avant {due}: "
        "envoyez 3 pour le joindre, 4 {code} si vous lui avez parlé.",
    },
    "worked-around": {
        "en": "{ref} has a workaround. Thank you. Send 6 {code} and a note when it is solved for good.",
        "fr": "{ref} a une solution temporaire. Merci. Envoyez 6 {code} et une note quand c'est réglé pour de bon.",
    },
    "covered": {"en": "{ref}: coverage noted ({coverage}).", "fr": "{ref}: couverture notée ({coverage})."},
    "priority-reached": {
        "en": "{ref} is now {priority}. The customer was reached at {contact}. Send 6 {code} and a note when it is "
        "solved.",
        "fr": "{ref} est maintenant {priority}. Client joint à {contact}. Envoyez 6 {code} et une note quand c'est "
        "réglé.",
    },
    "priority": {
        "en": "{ref} is now {priority}. The callback is still owed by {due}: send 3 to be connected.",
        "fr": "{ref} est maintenant {priority}. Rappel toujours attendu avant {due}: envoyez 3 pour joindre le client.",
    },
    "priority-late": {
        "en": "{ref} is now {priority}. The callback was due {due} and is still owed: send 3 to be connected.",
        "fr": "{ref} est maintenant {priority}. Rappel promis avant {due} et toujours attendu: envoyez 3 pour joindre "
        "le client.",
    },
    "noted": {"en": "{ref}: note added.", "fr": "{ref}: note ajoutée."},
    "empty-note": {
        "en": "{ref}: the note was empty. Send note and your words.",
        "fr": "{ref}: la note est vide. Envoyez note suivi de votre texte.",
    },
    "withdrawn": {"en": "{ref} is withdrawn.", "fr": "{ref} est retiré."},
    "no-open": {
        "en": "You have no open emergency. Send who to see who is on call.",
        "fr": "Vous n'avez aucune urgence ouverte. Envoyez who pour savoir qui est de garde.",
    },
    "which": {
        "en": "Which one? {list}. Send the command and the code, such as {example}.",
        "fr": "Laquelle? {list}. Envoyez la commande et le code, par exemple {example}.",
    },
    "none-waits": {
        "en": "None of yours waits for an answer. {list}. To act on one, send the command and its code, such as "
        "{example}.",
        "fr": "Aucune de vos urgences n'attend de réponse. {list}. Pour agir, envoyez la commande et le code, par "
        "exemple "
        "{example}.",
    },
    "needs-code": {
        "en": "{ref}: not recorded, because a number can be forged: this command needs the code. Send {send} {code}.",
        "fr": "{ref}: rien n'est noté, car un numéro peut être imité: cette commande exige le code. "
        "Envoyez {send} {code}.",
    },
    "texts-blocked": {
        "en": "{ref}: not recorded. Too many wrong codes were texted, so texts close nothing until {until}. Use the "
        "link "
        "in the page, or send 3 and press a key after the call.",
        "fr": "{ref}: rien n'est noté. Trop de codes faux par texto: d'ici {until}, aucun texto ne ferme rien. "
        "Utilisez le lien de l'alerte, ou envoyez 3 et appuyez sur une touche à la fin de l'appel.",
    },
    "codes-blocked": {
        "en": "But too many wrong codes were texted: until {until} use the link in the page, or 3 and a key after the "
        "call; 4, 5 and 6 by text change nothing.",
        "fr": "Mais trop de codes faux par texto: d'ici {until}, utilisez le lien de l'alerte, ou 3 et une touche à la "
        "fin de l'appel; 4, 5 et 6 par texto ne changent rien.",
    },
    "unknown-code": {
        "en": "No open emergency of yours has the code {code}; nothing was changed. {list}. Send 0 for the list.",
        "fr": "Aucune de vos urgences n'a le code {code}; rien n'a changé. {list}. Envoyez 0 pour la liste.",
    },
    "status": {"en": "Open: {list}.", "fr": "Ouvertes: {list}."},
    "status-none": {"en": "No open emergency.", "fr": "Aucune urgence ouverte."},
    "item": {"en": "{ref} #{code} due {due} ({state})", "fr": "{ref} #{code} limite {due} ({state})"},
    "state-open": {"en": "nobody has it", "fr": "à prendre"},
    "state-acknowledged": {"en": "{owner}", "fr": "{owner}"},
    "state-reached": {"en": "reached", "fr": "joint"},
    "state-resolved": {"en": "resolved", "fr": "réglé"},
    "state-withdrawn": {"en": "withdrawn", "fr": "retiré"},
    "poison": {
        "en": "{ref} cannot be worked on: nobody is paged for it any more. Look at it on the board now and call the "
        "customer by hand.",
        "fr": "{ref} ne peut être traité: plus personne n'est averti. Consultez-le au tableau maintenant et appelez "
        "le client vous-même.",
    },
    "unclear": {
        "en": "Not understood; nothing was changed. Send 1 have it, 2 pass, 3 connect me, 4 reached, 5 no answer, "
        "6 done, 0 status, who. Add the code of the page: 4, 5 and 6 need it.",
        "fr": "Pas compris; rien n'a changé. Envoyez 1 je prends, 2 je passe, 3 connectez-moi, 4 joint, "
        "5 pas de réponse, 6 réglé, 0 état, who. Ajoutez le code: 4, 5 et 6 en ont besoin.",
    },
    "answers-paused": {
        "en": "Too many texts came from this number: no more answers until {until}. What you send still counts.",
        "fr": "Trop de textos de ce numéro: plus de réponses avant {until}. Ce que vous envoyez compte toujours.",
    },
    # --- why a number is not dialled, why a leg failed ---
    "other-script": {
        "en": "[text in another script: see the page]",
        "fr": "[texte dans une autre écriture: voir la page]",
    },
    "why-withheld": {"en": "number withheld", "fr": "numéro masqué"},
    "why-unknown": {"en": "number not known", "fr": "numéro inconnu"},
    "why-placeholder": {"en": "number withheld", "fr": "numéro masqué"},
    "why-invalid": {"en": "not a valid number", "fr": "numéro invalide"},
    "why-outside-prefixes": {"en": "country not allowed", "fr": "pays non permis"},
    "why-premium": {"en": "premium number", "fr": "numéro surtaxé"},
    "why-service-code": {"en": "service number", "fr": "numéro de service"},
    "why-busy": {"en": "busy", "fr": "occupé"},
    "why-no-answer": {"en": "no answer", "fr": "pas de réponse"},
    "why-failed": {"en": "call failed", "fr": "échec de l'appel"},
    "why-cancelled": {"en": "cancelled", "fr": "annulé"},
    "why-no-key": {"en": "1 was not pressed", "fr": "touche 1 non pressée"},
    "why-refused": {"en": "refused by the carrier", "fr": "refusé par l'opérateur"},
}


# What is said of duty, in English and French: who is on call, handoffs, gaps ahead, drills, calendars.

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


# What the auditor tells supervisors, in English and French: what is not true, and what to do now.

AUDIT = {
    "audit-asleep": {
        "en": "ALARM: nothing watches {what} any more. Look at the board and call the customer by hand; "
        "restart callbacks.",
        "fr": "ALARME: plus rien ne surveille {what}. Consultez le tableau, appelez le client vous-même; "
        "redémarrez callbacks.",
    },
    "audit-unpaged": {
        "en": "ALARM: nobody was paged for {what}. Look at the board and call the customer by hand.",
        "fr": "ALARME: personne n'a été averti pour {what}. Consultez le tableau et appelez le client vous-même.",
    },
    "audit-poison": {
        "en": "ALARM: {what} cannot be worked on, nobody is paged for it. Look at the board and call the customer by "
        "hand; see the log.",
        "fr": "ALARME: impossible de traiter {what}, personne n'est averti. Consultez le tableau et appelez le client "
        "vous-même; voyez le journal.",
    },
    "audit-stuck": {
        "en": "ALARM: messages do not leave ({what}). Pages may be late: look at the board, run callbacks doctor.",
        "fr": "ALARME: des messages ne partent pas ({what}). Consultez le tableau, lancez callbacks doctor.",
    },
    "audit-sweep": {
        "en": "ALARM: lost calls are not looked for ({what}). Check the carrier's console for calls; "
        "run callbacks doctor.",
        "fr": "ALARME: les appels perdus ne sont pas cherchés ({what}). Vérifiez la console de l'opérateur; "
        "lancez callbacks doctor.",
    },
    "audit-texts": {
        "en": "ALARM: lost texts, or calls and texts of strangers, are not looked for ({what}). "
        "Check the carrier's console; run callbacks doctor.",
        "fr": "ALARME: les textos perdus, ou les envois étrangers, ne sont pas cherchés ({what}). "
        "Vérifiez la console de l'opérateur; lancez callbacks doctor.",
    },
    "audit-engine": {
        "en": "ALARM: no engine gives a sign of life; nobody is paged. Run: callbacks serve.",
        "fr": "ALARME: aucun moteur ne donne signe de vie; personne n'est averti. Lancez: callbacks serve.",
    },
    "audit-database": {
        "en": "ALARM: the database does not answer ({what}); nobody is paged. Start it, or mend its address.",
        "fr": "ALARME: la base de données ne répond pas ({what}); personne n'est averti. Démarrez-la.",
    },
    "audit-carrier": {
        "en": "ALARM: the carrier cannot be asked ({what}); pages may not leave. Run callbacks doctor.",
        "fr": "ALARME: l'opérateur ne répond pas ({what}); les alertes ne partent peut-être pas. "
        "Lancez callbacks doctor.",
    },
    "audit-token": {
        "en": "ALARM: Twilio refuses our auth token, so we refuse its calls and your replies. Set TWILIO_AUTH_TOKEN to "
        "the account's present one and restart; until then use the board.",
        "fr": "ALARME: Twilio refuse notre jeton; nous refusons donc ses appels et vos réponses. Mettez le jeton "
        "actuel dans TWILIO_AUTH_TOKEN et redémarrez; d'ici là, utilisez le tableau.",
    },
    "audit-refused": {
        "en": "ALARM: we refuse Twilio's requests, so calls come late and replies are lost. Use the board; check "
        "TWILIO_AUTH_TOKEN and CALLBACKS_PUBLIC_URL, run callbacks doctor.",
        "fr": "ALARME: nous refusons les requêtes de Twilio; des appels arrivent tard, des réponses se perdent. "
        "Utilisez le tableau; vérifiez TWILIO_AUTH_TOKEN et CALLBACKS_PUBLIC_URL, lancez callbacks doctor.",
    },
    "audit-account": {
        "en": "ALARM: the carrier's account is {what}; no page can leave. See the carrier's console.",
        "fr": "ALARME: le compte chez l'opérateur est {what}; aucune alerte ne part. Voyez sa console.",
    },
    "audit-strangers": {
        "en": "ALARM: {what} calls or texts left from our number that are not ours. Its token may have leaked: "
        "check the carrier's console, rotate the token.",
        "fr": "ALARME: {what} appels ou textos de notre numéro ne sont pas de nous. Le jeton a peut-être fui: "
        "vérifiez la console, changez le jeton.",
    },
    "audit-capped": {
        "en": "ALARM: {what} callbacks were placed in 24 hours, the most that the policy allows. No more are; paging "
        "goes on. If it was a storm, raise limits.bridges_per_day; if not, look who asks.",
        "fr": "ALARME: {what} rappels en 24 heures, le plus que permet la politique. Il n'y en a plus; les alertes "
        "continuent. En cas de tempête, augmentez limits.bridges_per_day; sinon, voyez qui les demande.",
    },
    "audit-one-customer": {
        "en": "ALARM: the customer of {what} was sent {n} texts in 24 hours, the most that the policy allows. No more "
        "leave to that number; pages and callbacks go on. See limits.texts_per_customer_per_day.",
        "fr": "ALARME: le client de {what} a reçu {n} textos en 24 heures, le plus que permet la politique. Il n'en "
        "reçoit plus; alertes et rappels continuent. Voyez limits.texts_per_customer_per_day.",
    },
    "audit-customer-texts": {
        "en": "ALARM: {what} texts went to customers in an hour, the most that the policy allows. No more leave for "
        "now; pages and callbacks go on. Look who calls; see limits.customer_texts_per_hour.",
        "fr": "ALARME: {what} textos aux clients en une heure, le plus que permet la politique. Il n'en part plus pour "
        "l'instant; alertes et rappels continuent. Voyez qui appelle, et limits.customer_texts_per_hour.",
    },
    "audit-answers": {
        "en": "ALARM: more than {what} texts in 10 minutes came from the number of {person}. They are not answered for "
        "now, but still count. Ask them: the number may be forged. Paging goes on.",
        "fr": "ALARME: plus de {what} textos en 10 minutes du numéro de {person}. Ils restent sans réponse pour "
        "l'instant, mais comptent. Vérifiez: le numéro est peut-être imité. Les alertes continuent.",
    },
    "audit-all-answers": {
        "en": "ALARM: more than {what} texts in 10 minutes came from technicians' numbers. They are not answered for "
        "now, but still count. The numbers may be forged. Paging goes on.",
        "fr": "ALARME: plus de {what} textos en 10 minutes des numéros des techniciens. Ils restent sans réponse pour "
        "l'instant, mais comptent. Les numéros sont peut-être imités. Les alertes continuent.",
    },
    "audit-codes": {
        "en": "ALARM: {what} texts in 10 minutes from the number of {person} had wrong codes: check with them, the "
        "number may be forged. For an hour texts from it close nothing; links and calls work, paging goes on.",
        "fr": "ALARME: {what} textos en 10 minutes du numéro de {person} avaient de faux codes: vérifiez, il est "
        "peut-être imité. Pour une heure, ses textos ne ferment rien; liens et appels marchent, les alertes "
        "continuent.",
    },
    "audit-codes-in-all": {
        "en": "ALARM: {what} texts in 10 minutes had wrong codes: somebody may be guessing. For an hour texts of "
        "technicians close nothing; links and calls work, paging goes on.",
        "fr": "ALARME: {what} textos en 10 minutes avaient de faux codes: on essaie peut-être de les deviner. Pour une "
        "heure, les textos ne ferment rien; liens et appels marchent, les alertes continuent.",
    },
    "audit-login": {
        "en": "ALARM: {what} wrong login codes in a row for {person}: somebody may have that password. Ask {person}; "
        "a new one comes from: callbacks user reset.",
        "fr": "ALARME: {what} mauvais codes de connexion de suite pour {person}: le mot de passe a peut-être fui. "
        "Demandez à {person}; pour un nouveau: callbacks user reset.",
    },
    "login-guessed": {
        "en": "Somebody knows your password for callbacks: {what} wrong login codes in a row. If it was not you, ask a "
        "supervisor for a new password.",
        "fr": "Quelqu'un connaît votre mot de passe de callbacks: {what} mauvais codes de suite. Si ce n'était pas "
        "vous, demandez un nouveau mot de passe à un superviseur.",
    },
    "audit-anchors": {
        "en": "ALARM: the proof of the ledgers does not hold ({what}): the database or its anchors were changed, or a "
        "backup was restored. Paging goes on. Run callbacks verify; see operations.md, Proof.",
        "fr": "ALARME: la preuve des registres ne tient plus ({what}): la base ou ses ancres ont été modifiées, ou une "
        "sauvegarde restaurée. Les alertes continuent. Lancez callbacks verify; voir operations.md, Proof.",
    },
    "audit-number": {
        "en": "ALARM: the support number's addresses at the carrier are not ours ({what}). "
        "Run: callbacks doctor --fix.",
        "fr": "ALARME: les adresses du numéro chez l'opérateur ne sont pas les nôtres ({what}). "
        "Lancez: callbacks doctor --fix.",
    },
}


# Every text a customer gets, in English and French, by slug: one segment of GSM-7 each where it fits.

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


# What is said of a promise that was missed, in English and French: short facts that make one sentence.

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


# The sentence that says what decided a verdict, in English and French, by the verdict's reason.

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
