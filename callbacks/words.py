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
