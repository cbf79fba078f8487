"""The schedule."""

WORDS = {
    "Mon": "lun", "Tue": "mar", "Wed": "mer", "Thu": "jeu", "Fri": "ven", "Sat": "sam", "Sun": "dim",
    "override": "exception",
    "From": "De",
    "To": "À",
    "What it would change": "Ce que cela changerait",
    "Nothing: the same people have the same times.": "Rien: les mêmes personnes aux mêmes heures.",
    "Opens a gap:": "Ouvre un trou:",
    "Closes a gap:": "Comble un trou:",
    "is told at once by text.": "l'apprend aussitôt par texto.",
    "takes no texts: call them.": "ne reçoit pas de textos: appelez.",
    "Nobody is told now; both people get a text when the turn changes.":
        "Personne n'est averti maintenant; les deux personnes reçoivent un texto à la relève.",
    "Now": "Maintenant",
    "now": "maintenant",
    "Then": "Ensuite",
    "Back to the form": "Revenir au formulaire",
    "Not now": "Pas maintenant",
    "Your shifts": "Vos gardes",
    "Now and next": "Maintenant et ensuite",
    "Following": "Suivant",
    "Previous": "Précédent",
    "Today": "Aujourd'hui",
    "Rotation": "Rotation",
    "Calendar": "Calendrier",
    "week of %(day)s": "semaine du %(day)s",
    "All rotations": "Toutes les rotations",
    "Calendars that need attention": "Calendriers à corriger",
    "An event that is left out puts nobody on call. Name one person of the roster in it, or remove it.":
        "Un événement non retenu ne met personne de garde. Nommez-y une personne de la liste, ou retirez-le.",
    "cannot be read; its last good copy is in use": "illisible ; la dernière bonne copie est utilisée",
    "Gaps in the next 7 days": "Trous des 7 prochains jours",
    "Outside support hours nobody would be paged then.": "Hors des heures de soutien, personne ne serait alerté alors.",
    "Put somebody in": "Mettre quelqu'un",
    "Week": "Semaine",
    "Month": "Mois",
    "today": "aujourd'hui",
    "clocks go back": "on recule l'heure",
    "clocks go forward": "on avance l'heure",
    "Support:": "Soutien:",
    "closed": "fermé",
    "desk": "bureau",
    "desk: support hours": "bureau: heures de soutien",
    "Override": "Exception",
    "Somebody has a rotation for a time, whoever's turn it is. The effect is shown before anything is saved. "
    "Times are on the rotation's own wall clock.":
        "Quelqu'un prend une rotation pour un temps, peu importe le tour. L'effet est montré avant d'enregistrer. "
        "Les heures sont locales à la rotation.",
    "Show the effect": "Montrer l'effet",
    "Swap": "Échange",
    "Two people exchange two shifts of the next five weeks.":
        "Deux personnes échangent deux gardes des cinq prochaines semaines.",
    "One shift": "Une garde",
    "In exchange for": "En échange de",
    "Overrides ahead": "Exceptions à venir",
    "Take out": "Retirer",
    "Handoffs": "Relèves",
    "Whoever comes on answers ready by text or confirms here; after 15 minutes without it supervisors are told.":
        "Qui prend la garde répond ready par texto ou confirme ici; sans réponse après 15 minutes, les superviseurs "
        "sont avertis.",
    "Told": "Averti",
    "Confirmed": "Confirmée",
    "not yet": "pas encore",
    "supervisors told at": "superviseurs avertis à",
    "Readiness": "État de préparation",
    "Calls": "Appels",
    "refused: START must be sent from that phone": "refusés: ce téléphone doit envoyer START",
    "valid": "valide",
    "not valid": "non valide",
    "In 30 days": "Depuis 30 jours",
    "Drill": "Exercice",
    "Last drills": "Derniers exercices",
    "Acknowledged after": "Réponse après",
    "nobody answered": "aucune réponse",
    "Shifts in your own calendar": "Les gardes dans votre calendrier",
    "Subscribe to a link in your calendar: it follows every change. Whoever has a link can read these shifts.":
        "Abonnez votre calendrier à un lien: il suit chaque changement. Qui a un lien peut lire ces gardes.",
    "There is no such calendar; copy its link anew from the schedule":
        "Ce calendrier n'existe pas; copiez de nouveau son lien depuis l'horaire",
    "The roster was changed meanwhile; look at the effect again":
        "L'équipe a changé entre-temps; regardez l'effet de nouveau",
    "Give a reason; it stands in the roster and in the list of deeds":
        "Donnez une raison; elle reste dans l'équipe et dans la liste des actes",
    "A reason has at most %(n)s characters": "Une raison a au plus %(n)s caractères",
    "The roster cannot take it: %(what)s": "L'équipe ne peut l'accepter: %(what)s",
    "Choose a month such as 2026-11, or a day such as 2026-11-24, between 2000 and 2099":
        "Choisissez un mois comme 2026-11, ou un jour comme 2026-11-24, entre 2000 et 2099",
    "Choose a rotation of the roster": "Choisissez une rotation de l'équipe",
    "Choose a technician of the roster, or nobody": "Choisissez un technicien de l'équipe, ou personne",
    "Choose two shifts of the lists; one that is not there any more was changed meanwhile":
        "Choisissez deux gardes des listes; celle qui n'y est plus a changé entre-temps",
    "Choose shifts of two people": "Choisissez les gardes de deux personnes",
    "Only an override that lies ahead can be taken out; put another one over it instead":
        "Seule une exception à venir peut être retirée; mettez-en plutôt une autre par-dessus",
    "The end has to come after the beginning, within three months":
        "La fin doit suivre le début, dans les trois mois",
    "The clocks go forward then: these times are skipped on that day":
        "On avance l'heure à ce moment: ces heures n'existent pas ce jour-là",
    "This is over already; choose an end that lies ahead": "C'est déjà passé; choisissez une fin à venir",
    "Give times on the rotation's wall clock, such as 2026-11-24T18:00":
        "Donnez des heures locales de la rotation, comme 2026-11-24T18:00",
}  # fmt: skip
