"""The policy in plain words."""

WORDS = {
    "Another process was started since with another policy. Start all of them with the same file.":
        "Un autre processus a été lancé depuis avec une autre politique. Lancez-les tous avec le même fichier.",
    "This policy cannot keep its promise:": "Cette politique ne peut pas tenir sa promesse :",
    "This policy can keep its promise.": "Cette politique peut tenir sa promesse.",
    "At the worst, %(left)s of it are left after the last step has rung.":
        "Au pire, il en reste %(left)s après la sonnerie de la dernière étape.",
    "No roster is loaded, so rotation names were not checked.":
        "Aucune liste de garde n'est chargée; les noms de rotation n'ont pas été vérifiés.",
    "The promise": "La promesse",
    "Who is paged, and when": "Qui est appelé, et quand",
    "Step": "Étape",
    "After the opening": "Après l'ouverture",
    "Whom": "Qui",
    "How": "Comment",
    "At the worst, after the clock starts": "Au pire, après le départ du chrono",
    "At the worst the caller speaks as long as allowed and nobody answers.":
        "Au pire, le client parle aussi longtemps que permis et personne ne répond.",
    "Priorities": "Priorités",
    "Priority": "Priorité",
    "First reaction within": "Première réaction en",
    "Counted": "Compté",
    "Resolved within": "Résolue en",
    "Support hours": "Heures de soutien",
    "What callers meet": "Ce que rencontre l'appelant",
    "Coverage": "Couverture",
    "Its file": "Son fichier",
    "The published policy, built in; no file is named in %(name)s.":
        "La politique publiée, intégrée; aucun fichier n'est nommé dans %(name)s.",
    "Change the file, ask %(command)s, and start again.":
        "Modifiez le fichier, vérifiez avec %(command)s, puis relancez.",
    "Show the TOML": "Afficher le TOML",
    "In force before": "En vigueur auparavant",
    "Since": "Depuis",
    "a file": "un fichier",
    "the published policy": "la politique publiée",
    "the latest": "la plus récente",
    "Nothing is written down yet; that happens when a process starts.":
        "Rien n'est encore noté; cela se fait au lancement d'un processus.",
    "Policy since %(at)s": "Politique depuis %(at)s",
    "In force until %(at)s.": "En vigueur jusqu'à %(at)s.",
    "The latest.": "La plus récente.",
    "What it changed": "Ce qu'elle a changé",
    "Nothing but how it is written.": "Rien que la façon dont elle est écrite.",
    "The first one that was written down.": "La première qui a été notée.",
    "There is no such version of the policy": "Cette version de la politique n'existe pas",
    "at once": "tout de suite",
    "%(n)s hour": ("%(n)s heure", "%(n)s heures"),
    "%(n)s minute": ("%(n)s minute", "%(n)s minutes"),
    "%(n)s second": ("%(n)s seconde", "%(n)s secondes"),
    "Monday": "lundi",
    "Tuesday": "mardi",
    "Wednesday": "mercredi",
    "Thursday": "jeudi",
    "Friday": "vendredi",
    "Saturday": "samedi",
    "Sunday": "dimanche",
    "text": "texto",
    "call": "appel",
    "English": "anglais",
    "French": "français",
    "supervisors": "superviseurs",
    "everyone": "tous",
    "network": "réseau",
    "DNS": "DNS",
    "firewall": "pare-feu",
    "operating system": "système d'exploitation",
    "A human calls back within %(within)s.": "Une personne rappelle en %(within)s ou moins.",
    "The clock starts when the call starts.": "Le chrono part au début de l'appel.",
    "The clock starts when the message ends.": "Le chrono part à la fin du message.",
    "A bridged call of %(talk)s or more counts as a conversation.":
        "Un appel relié de %(talk)s ou plus compte comme une conversation.",
    "Supervisors are told %(risk)s before the deadline if nobody has tried.":
        "Les superviseurs sont avisés %(risk)s avant l'échéance si personne n'a essayé.",
    "Open from %(opens)s to %(closes)s (%(zone)s): %(days)s.":
        "Ouvert de %(opens)s à %(closes)s (%(zone)s) : %(days)s.",
    "Closed on the statutory holidays of Québec.": "Fermé les jours fériés légaux du Québec.",
    "Closed on the holidays of %(calendar)s.": "Fermé les jours fériés de %(calendar)s.",
    "Open on holidays too.": "Ouvert aussi les jours fériés.",
    "Also closed on %(dates)s.": "Fermé aussi les %(dates)s.",
    "Open all the same on %(dates)s.": "Ouvert tout de même les %(dates)s.",
    "In hours the desk (%(number)s) rings first; if nobody answers, a message is taken.":
        "Pendant les heures, le bureau (%(number)s) sonne d'abord; sans réponse, un message est pris.",
    "No desk number is set, so a message is taken in hours too.":
        "Aucun numéro de bureau n'est défini : un message est pris aussi pendant les heures.",
    "In hours a message is taken too.": "Pendant les heures, un message est pris aussi.",
    "Callers hear: %(spoken)s.": "L'appelant entend : %(spoken)s.",
    "Key %(key)s says that it can wait: a P3 that wakes nobody.":
        "La touche %(key)s dit que cela peut attendre : une P3 qui ne réveille personne.",
    "A message may last %(longest)s.": "Un message peut durer %(longest)s.",
    "A call without a message is paged all the same.": "Un appel sans message est signalé quand même.",
    "A call without a message is kept and wakes nobody.": "Un appel sans message est gardé et ne réveille personne.",
    "A new call within %(again)s joins the caller's open emergency.":
        "Un nouvel appel en moins de %(again)s rejoint l'urgence ouverte de l'appelant.",
    "The ladder begins again %(every)s after its last step, until somebody has it.":
        "L'échelle recommence %(every)s après sa dernière étape, jusqu'à ce que quelqu'un s'en occupe.",
    "Who has it and has not tried is reminded %(nag)s before the deadline.":
        "Qui l'a prise sans essayer reçoit un rappel %(nag)s avant l'échéance.",
    "%(back)s before the deadline it is taken back and paged on.":
        "%(back)s avant l'échéance, elle est reprise et signalée à d'autres.",
    "A customer's first note reaches the technician at once; further ones arrive together, at most every %(every)s.":
        "La première note d'un client arrive tout de suite; les suivantes arrivent ensemble, au plus toutes les "
        "%(every)s.",
    "At most %(n)s text a day to one customer.":
        ("Au plus %(n)s texto par jour à un même client.", "Au plus %(n)s textos par jour à un même client."),
    "At most %(n)s text an hour to all customers together.":
        ("Au plus %(n)s texto par heure à l'ensemble des clients.",
         "Au plus %(n)s textos par heure à l'ensemble des clients."),
    "At most %(n)s page per person and minute.":
        ("Au plus %(n)s appel par personne et par minute.", "Au plus %(n)s appels par personne et par minute."),
    "Callbacks may dial numbers that begin with %(prefixes)s.":
        "Les rappels peuvent composer les numéros qui commencent par %(prefixes)s.",
    "No drills are held by themselves: set a day in the policy.":
        "Aucun exercice ne se fait de lui-même : indiquez un jour dans la politique.",
    "Every technician is drilled on %(day)s at %(at)s (%(zone)s), one after another, unless a customer waits.":
        "Chaque technicien a un exercice le %(day)s à %(at)s (%(zone)s), l'un après l'autre, si nul client n'attend.",
    "Covered: %(names)s.": "Couverts : %(names)s.",
    "And what they directly depend on: %(names)s.": "Et ce dont ils dépendent directement : %(names)s.",
    "Advice only: %(names)s.": "Conseils seulement : %(names)s.",
    "at any hour": "à toute heure",
    "in support hours": "en heures de soutien",
    "The ladder pages “%(name)s”, which is no rotation of the roster; it has %(known)s.":
        "L'échelle appelle « %(name)s », qui n'est pas une rotation de la liste de garde; elle a %(known)s.",
}  # fmt: skip
