"""The API's manual."""

WORDS = {
    "HTTP API": "API HTTP",
    "Send a token with each request under %(path)s; make one with %(command)s.":
        "Joignez un jeton à chaque requête sous %(path)s; créez-en un avec %(command)s.",
    "Times are RFC 3339; errors are problem documents (RFC 9457); lists page by %(cursor)s.":
        "Les heures suivent la RFC 3339; les erreurs sont des documents de problème (RFC 9457); "
        "les listes se suivent par %(cursor)s.",
    "A POST with an Idempotency-Key may be sent again: the same key and body have the same answer for 48 hours; "
    "another body under the same key is 422.":
        "Un POST avec Idempotency-Key peut être renvoyé : la même clé et le même corps reçoivent la même réponse "
        "pendant 48 heures; un autre corps sous la même clé donne 422.",
    "A token may read 600 times and write 120 times a minute, on all nodes together; then 429 with Retry-After.":
        "Un jeton permet 600 lectures et 120 écritures par minute, tous nœuds confondus; ensuite 429 avec Retry-After.",
    "Fields may be added to an answer; ignore what you do not know.":
        "Des champs peuvent s'ajouter à une réponse; ignorez ceux que vous ne connaissez pas.",
    "The OpenAPI document, for programs": "Le document OpenAPI, pour les programmes",
    "What follows is made from the document, which is in English.":
        "La suite est tirée du document, qui est en anglais.",
    "No token needed.": "Aucun jeton requis.",
    "Parameter": "Paramètre",
    "In": "Où",
    "Needed": "Requis",
    "Default": "Par défaut",
    "What it is": "Description",
    "yes": "oui",
    "no": "non",
    "Example of a request": "Exemple de requête",
    "Answers: %(statuses)s": "Réponses : %(statuses)s",
    "Too many requests": "Trop de requêtes",
    "Broken": "Erreur interne",
}  # fmt: skip
