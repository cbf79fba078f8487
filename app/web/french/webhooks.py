"""Who else is told of emergencies."""

WORDS = {
    "Other systems that are told of emergencies: each message is signed, and sent again until it is taken.":
        "Autres systèmes avisés des urgences : chaque message est signé et renvoyé jusqu'à ce qu'il soit accepté.",
    "Added. This is its secret; it is shown this once.": "Ajouté. Voici son secret; il n'est montré qu'une fois.",
    "The receiver checks each message with it: see Webhooks in the operations manual.":
        "Le destinataire vérifie chaque message avec ce secret : voir Webhooks dans le manuel d'exploitation.",
    "Subscriptions": "Abonnements",
    "Address": "Adresse",
    "Events": "Événements",
    "Added": "Ajouté",
    "State": "État",
    "Change": "Modifier",
    "opened": "ouverte",
    "acknowledged": "prise en charge",
    "at risk": "à risque",
    "reached": "joint",
    "missed": "manquée",
    "resolved": "réglée",
    "an emergency was opened": "une urgence a été ouverte",
    "somebody has it": "quelqu'un s'en charge",
    "nobody has tried, and time grows short": "personne n'a essayé et le temps presse",
    "a human spoke with the customer": "une personne a parlé au client",
    "the promise was missed": "la promesse n'a pas été tenue",
    "solved or worked around": "résolue ou contournée",
    "off since %(at)s": "désactivé depuis %(at)s",
    "on": "actif",
    "Switch on": "Activer",
    "Switch off": "Désactiver",
    "Send a test": "Envoyer un essai",
    "Delete": "Supprimer",
    "Delete for good": "Supprimer pour de bon",
    "Its secret is lost; what still waits is not sent.":
        "Son secret est perdu; ce qui attend encore n'est pas envoyé.",
    "Nobody is told yet.": "Personne n'est encore avisé.",
    "Add an address below.": "Ajoutez une adresse ci-dessous.",
    "Add a subscription": "Ajouter un abonnement",
    "Add": "Ajouter",
    "Messages hold the customer's number. The receiver must be reached by https at a public address; any answer but "
    "2xx is tried again for about 7 hours.":
        "Les messages contiennent le numéro du client. Le destinataire doit être joignable par https à une adresse "
        "publique; toute réponse autre que 2xx est réessayée pendant environ 7 heures.",
    "Messages": "Messages",
    "Messages, newest first": "Messages, les plus récents d'abord",
    "Message": "Message",
    "Made": "Créé",
    "To": "À",
    "everybody": "tous",
    "Show": "Afficher",
    "Tries": "Essais",
    "Answer": "Réponse",
    "delivered": "livré",
    "queued": "en attente",
    "claimed": "en cours d'envoi",
    "ambiguous": "incertain",
    "failed": "échec",
    "cancelled": "annulé",
    "deleted": "supprimé",
    "again at %(at)s": "de nouveau à %(at)s",
    "Send again": "Renvoyer",
    "Older messages": "Messages plus anciens",
    "No message yet.": "Aucun message pour l'instant.",
    "All messages": "Tous les messages",
    "Id": "Identifiant",
    "What it answered": "Sa réponse",
    "What is sent": "Ce qui est envoyé",
    "Switched off: nothing more is sent there.": "Désactivé : plus rien n'y est envoyé.",
    "Switched on.": "Activé.",
    "Deleted.": "Supprimé.",
    "A test message is on its way; see it below.": "Un message d'essai est en route; voyez-le ci-dessous.",
    "It is sent again now, under the same id.": "Il est renvoyé maintenant, sous le même identifiant.",
    "Choose at least one event": "Choisissez au moins un événement",
    "There are many subscriptions already; delete one first":
        "Il y a déjà beaucoup d'abonnements; supprimez-en un d'abord",
    "There is no such message": "Ce message n'existe pas",
    "There is no such subscription": "Cet abonnement n'existe pas",
    "It cannot be sent now: nobody wants it any more, its words were erased, or it is being sent this moment":
        "Impossible de l'envoyer : personne n'en veut plus, ses mots sont effacés, ou il est en cours d'envoi",
    "state is enabled or disabled": "state vaut enabled ou disabled",
    "The address holds characters that none may; use one such as https://example.com/hook":
        "L'adresse contient des caractères interdits; utilisez une forme telle que https://example.com/hook",
    "The address cannot be read; use one such as https://example.com/hook":
        "L'adresse est illisible; utilisez une forme telle que https://example.com/hook",
    "The address is not encrypted; use one that begins with https://":
        "L'adresse n'est pas chiffrée; utilisez-en une qui commence par https://",
    "The address holds a name or password; leave them out, every message is signed":
        "L'adresse contient un nom ou un mot de passe; enlevez-les, chaque message est signé",
    "The address is not complete; use one such as https://example.com/hook":
        "L'adresse est incomplète; utilisez une forme telle que https://example.com/hook",
    "The name leads into a private network; use an address that everybody can reach":
        "Ce nom mène à un réseau privé; utilisez une adresse que tous peuvent joindre",
    "That name is only known inside; use a public name such as example.com":
        "Ce nom n'est connu qu'à l'interne; utilisez un nom public tel que example.com",
    "the name cannot be resolved": "le nom est introuvable",
    "the certificate is not trusted": "le certificat n'est pas fiable",
    "nobody wants it any more": "personne n'en veut plus",
    "there is no way out": "il n'y a pas de sortie",
}  # fmt: skip
