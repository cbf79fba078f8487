"""What the auditor tells supervisors, in English and French: what is not true, and what to do now."""

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
}  # fmt: skip
