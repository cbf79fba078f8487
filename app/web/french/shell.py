"""What stands on every page."""

WORDS = {
    "Board": "Tableau",
    "Schedule": "Horaire",
    "Compliance": "Conformité",
    "Customers": "Clients",
    "People": "Personnes",
    "Policy": "Politique",
    "Carrier": "Opérateur",
    "Webhooks": "Webhooks",
    "API": "API",
    "Phones": "Téléphones",
    "Skip to content": "Aller au contenu",
    "Rooms": "Pages",
    "Account": "Compte",
    "%(t)s left": "reste %(t)s",
    "late by %(t)s": "en retard de %(t)s",
    "Live updates are interrupted; trying again.":
        "Les mises à jour sont interrompues; nouvel essai en cours.",
    "Log in": "Connexion",
    "Log out": "Déconnexion",
    "Times are in %(zone)s.": "Heures de %(zone)s.",
    "Bad request": "Demande incorrecte",
    "Not signed in": "Non connecté",
    "Not allowed": "Non autorisé",
    "Not found": "Introuvable",
    "Method not allowed": "Méthode non permise",
    "Conflict": "Conflit",
    "Too large": "Trop volumineux",
    "Length needed": "Longueur requise",
    "Not understood": "Demande non comprise",
    "Not ready": "Pas encore prêt",
    "Error": "Erreur",
    "There is no emergency %(ref)s; a reference looks like E-000042":
        "Il n'y a pas d'urgence %(ref)s; une référence ressemble à E-000042",
    "This is not for the role %(role)s; ask a supervisor":
        "Ceci n'est pas pour le rôle %(role)s; demandez à un superviseur",
    "This form came from another site; open the page here and send it again":
        "Ce formulaire vient d'un autre site; ouvrez la page ici et renvoyez-le",
    "Send the form with its length": "Envoyez le formulaire avec sa longueur",
    "At most %(most)s KiB are taken here": "Au plus %(most)s Kio sont pris ici",
    "Not understood: %(names)s. Go back and choose again": "Pas compris: %(names)s. Revenez et choisissez de nouveau",
    "Too slow": "Trop lent",
    "Nothing is here.": "Il n'y a rien ici.",
    "Something broke on our side; the request may be sent again.":
        "Une erreur est survenue de notre côté; la demande peut être renvoyée.",
}  # fmt: skip
