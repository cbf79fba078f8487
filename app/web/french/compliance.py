"""The page of figures."""

WORDS = {
    "Period": "Période",
    "Other days": "Autres jours",
    "First day": "Premier jour",
    "Last day": "Dernier jour",
    "Show": "Afficher",
    "No emergency in this time.": "Aucune urgence dans cette période.",
    "Published rate": "Taux publié",
    "Harsh rate": "Taux sévère",
    "Resolved in time": "Réglé à temps",
    "Met, of met and missed.": "Tenues, parmi tenues et manquées.",
    "Void counts against us too. Our own outage is never excused, here or there.":
        "Les injoignables comptent aussi contre nous. Notre propre panne n'est jamais excusée, ni ici ni là.",
    "Resolved or worked around by the policy's second deadline, of those decided.":
        "Réglées ou contournées avant la seconde échéance de la politique, parmi celles qui sont décidées.",
    "Outcomes": "Résultats",
    "met": "tenue",
    "missed": "manquée",
    "void": "injoignable",
    "withdrawn": "retirée",
    "excluded": "exclue",
    "pending": "en attente",
    "all": "toutes",
    "missed in our outage": "manquées en panne",
    "Met by evidence:": "Tenues, par preuve:",
    "carrier": "opérateur",
    "customer": "client",
    "declared": "déclaré",
    "How long it took": "Durées",
    "Times from the start of the clock": "Durées depuis le départ du compte",
    "Time": "Durée",
    "Slowest": "La plus lente",
    "To the first page": "Jusqu'à la première alerte",
    "To an acknowledgement": "Jusqu'à l'accusé de réception",
    "To a human": "Jusqu'à une personne",
    "To a resolution or workaround": "Jusqu'au règlement ou contournement",
    "Every miss": "Chaque promesse manquée",
    "Its ledger cannot be read; run callbacks verify.": "Son registre est illisible; lancez callbacks verify.",
    "Further misses": "Autres promesses manquées",
    "No promise was missed.": "Aucune promesse n'a été manquée.",
    "and %(n)s more": "et %(n)s autres",
    "Pictures": "Images",
    "%(n)s emergency is drawn.": ("%(n)s urgence est dessinée.", "%(n)s urgences sont dessinées."),
    "%(n)s has another clock, was withdrawn or excluded, or is not decided.": (
        "%(n)s suit un autre compte, a été retirée ou exclue, ou n'est pas décidée.",
        "%(n)s suivent un autre compte, ont été retirées ou exclues, ou ne sont pas décidées.",
    ),
    "As a table": "Sous forme de tableau",
    "Emergency": "Urgence",
    "Clock started": "Départ du compte",
    "Outcome": "Résultat",
    "never": "jamais",
    "%(n)s more stands in the CSV file.": (
        "%(n)s autre se trouve dans le fichier CSV.", "%(n)s autres se trouvent dans le fichier CSV."
    ),
    "Evening": "Soir",
    "Too many nights for one picture; choose at most a year.":
        "Trop de nuits pour une image; choisissez un an au plus.",
    "By priority": "Par priorité",
    "By technician": "Par technicien",
    "By customer": "Par client",
    "By hour of the call": "Par heure de l'appel",
    "%(n)s row": ("%(n)s ligne", "%(n)s lignes"),
    "Name": "Nom",
    "Hour": "Heure",
    "nobody": "personne",
    "number not known": "numéro inconnu",
    "How this is counted": "Comment c'est compté",
    "The two days are included.": "Les deux jours sont compris.",
    "Download": "Télécharger",
    "Emergencies as CSV": "Urgences en CSV",
    "Figures as CSV": "Chiffres en CSV",
    'PDF needs the extra: pip install ".[pdf]" in the checkout':
        'Le PDF demande le supplément: pip install ".[pdf]" dans le dossier du code',
    "The list of emergencies names customers and their numbers. Every download is recorded.":
        "La liste des urgences nomme les clients et leurs numéros. Chaque téléchargement est noté.",
    "no case yet": "aucun cas",
    "%(part)s of %(whole)s": "%(part)s sur %(whole)s",
    "95 %% interval %(low)s to %(high)s %%": "intervalle à 95 %% de %(low)s à %(high)s %%",
    "%(first)s to %(last)s": "du %(first)s au %(last)s",
    "January": "janvier",
    "February": "février",
    "March": "mars",
    "April": "avril",
    "May": "mai",
    "June": "juin",
    "July": "juillet",
    "August": "août",
    "September": "septembre",
    "October": "octobre",
    "November": "novembre",
    "December": "décembre",
    "Each emergency against the %(promised)s line": "Chaque urgence par rapport à la limite de %(promised)s",
    "%(n)s emergencies by day and by time to a human; the dashed line is the promise. %(late)s missed it.":
        "%(n)s urgences par jour et par durée jusqu'à une personne; la ligne tiretée est la promesse. %(late)s l'ont "
        "manquée.",
    "Nights, noon to noon": "Nuits, de midi à midi",
    "A square per night: the sign is its gravest outcome, the number how many called (missed/all).":
        "Un carré par nuit: le signe est son résultat le plus grave, le nombre celui des appels (manqués/tous).",
    "How long it took to reach a human": "Durée jusqu'à une personne",
    "Emergencies by time to a human; those right of the dashed line came after the promise or never.":
        "Urgences par durée jusqu'à une personne; à droite de la ligne tiretée, après la promesse ou jamais.",
    "The clock is the policy's: it starts with the call, and P1 is promised a human within %(promised)s.":
        "Le compte est celui de la politique: il part avec l'appel, et P1 promet une personne en %(promised)s.",
    "The clock is the policy's: it starts at the end of the message, and P1 is promised a human within %(promised)s.":
        "Le compte est celui de la politique: il part à la fin du message, et P1 promet une personne en %(promised)s.",
    "Published rate: met, of met and missed.": "Taux publié: tenues, parmi tenues et manquées.",
    "Harsh rate: met, of met, missed and void; whoever was tried in time and not reached counts against us.":
        "Taux sévère: tenues, parmi tenues, manquées et injoignables; un client essayé à temps et non joint "
        "compte contre nous.",
    "A miss while we were down is a miss in both rates: our own outage is named and never excused.":
        "Une promesse manquée pendant notre panne l'est dans les deux taux: notre panne est nommée, jamais excusée.",
    "Withdrawn, excluded (drills, blocked callers) and pending emergencies are in neither rate.":
        "Les urgences retirées, exclues (exercices, appelants bloqués) et en attente ne sont dans aucun des deux taux.",
    "The interval is Wilson's, 95 %: where the true rate may well lie, given so few or so many cases.":
        "L'intervalle est celui de Wilson, 95 %: où le vrai taux peut se trouver, avec si peu ou autant de cas.",
    "P50 and P90 are by nearest rank: the time within which half, or nine of ten, were served.":
        "P50 et P90 sont au rang le plus proche: la durée dans laquelle la moitié, ou neuf sur dix, sont servis.",
    "A time to a human is the conversation that the verdict rests on, or the first one if it came late.":
        "La durée jusqu'à une personne est celle de la conversation qui fonde le verdict, ou de la première si elle "
        "est venue trop tard.",
    "A technician is who spoke with the customer, else who has it.":
        "Le technicien est celui qui a parlé au client, sinon celui qui en a la charge.",
    "Made %(at)s.": "Fait le %(at)s.",
    "page": "page",
    "Give a month, or a first and a last day in order, between 2000 and 2999.":
        "Donnez un mois, ou un premier et un dernier jour dans l'ordre, entre 2000 et 2999.",
    "Months look like 2026-11 and days like 2026-11-24.":
        "Un mois s'écrit 2026-11 et un jour 2026-11-24.",
}  # fmt: skip
