"""The people of the demonstration, with names as people have them: long, short, in any script."""

WORKSPACE = "Demonstration"
ADMIN = "ada"

# User name -> display name.
PEOPLE = {
    "ada": "Ada Moreau",
    "ben": "Ben Okafor",
    "chloe": "Chloé Lindqvist",
    "dario": "Dario Bianchi",
    "emeka": "Emeka Nwosu",
    "freya": "Freya Dahl-Wolkenstein-Hohenfels",
    "gita": "Gita Raman",
    "hana": "Hana Sato",
    "ivan": "Иван Петров",
    "jo": "Jo",
    "kofi": "Kofi Mensah",
    "leila": "Leila Farouk",
    "ming": "李明",
    "noa": "נועה לוי",
    "nour": "نور حداد",
    "oskar": "Oskar Nowak",
    "priya": "Priya Nair",
    "sofia": "Sofia Marín",
    "tal": "Tal Ben-Ami",
    "yusuf": "Yusuf Demir",
}


def first_name(user_name: str) -> str:
    """What the others call this person."""
    return PEOPLE[user_name].split()[0]
