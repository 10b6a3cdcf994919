"""Passwords that are tried first: favourite words, runs over the keyboard, repeats, short numbers.

Such passwords are made by few rules, so the rules stand here instead of a long list. They refuse
what an attacker guesses within seconds and ask for nothing else: no kinds of characters. Pure.
"""

import re

_WORDS = (
    "abracadabra access admin administrator airborne alexander alexandra alexandre amanda america"
    " andrea andrew angel angela anthony apple apples arsenal asshole atlanta austin babygirl"
    " badboy bailey banana barcelona baseball basketball batman beatles beautiful beauty benjamin"
    " bigdaddy billybob birthday blessed blink blizzard blue bluebird bonjour boomer boston"
    " brandon broncos brooklyn bubbles buddy bulldog bulldogs butterfly california cameron canada"
    " captain cardinal caroline carolina changeme change charlie charlotte chatapp cheese chelsea"
    " chester chicago chicken chocolate christian christine christmas christopher classic cocacola"
    " coffee colorado computer cookie cooper corvette cowboy cowboys creative cricket crystal"
    " dakota dallas daniel danielle darkness david december default destiny diamond disney dolphin"
    " dolphins donald dragon dreams eagles einstein elephant elizabeth eminem enter everton"
    " explorer facebook falcon family fireball firebird florida flower flowers football forever"
    " freedom friday friend friends fuckme fuckoff fuckyou galaxy gandalf garfield george ginger"
    " goldfish google guest guitar hallo hammer hannah harley harrison heather hello helpme hockey"
    " holiday honey hunter iloveme iloveu iloveyou internet ireland ironman jackson jasmine"
    " jennifer jessica jesus jordan joshua justin killer kingkong kitten lakers lasvegas lauren"
    " letmein liberty lincoln liverpool login london loveme lovely lover lovers loveyou maggie"
    " manager manchester marina marlboro martin master matrix matthew maverick melissa mercedes"
    " merlin metallica michael michelle michigan mickey midnight minecraft monday money monkey"
    " monster montana morgan mother motorola mountain muffin mustang myspace napoleon nascar"
    " natasha newyork nicholas nicole nintendo nirvana nothing november october oliver online"
    " orange packers panther paradise parker pass passion passport passwd passwort password"
    " patrick patriots peaches peanut pepper personal phantom phoenix platinum playboy player"
    " please pokemon police popcorn porsche precious princess private pumpkin purple qwerty"
    " rabbit rachel raiders rainbow ranger rangers redskins remember richard robert rocket rockstar"
    " ronaldo rosebud samantha samsung sandiego schalke school scorpion scotland secret security"
    " september service shadow shannon silver simpsons skywalker slipknot smokey snickers snoopy"
    " snowball soccer softball spanky sparky spiderman spitfire stargate startrek starwars"
    " steelers stephanie sterling stupid summer sunflower sunset sunshine super superman superstar"
    " support swordfish system taylor teacher tennis test tester testing thomas thunder tigers"
    " tigger tomcat trinity trouble trustno twilight unicorn united user valentina vampire"
    " victoria viking vikings virginia voyager warcraft warrior welcome whatever wildcat wildcats"
    " william williams willkommen windows winner winter wizard wolverine wordpass xavier yankees"
    " yellow zeppelin"
)
_WORD = "(?:" + "|".join(sorted(_WORDS.split(), key=len, reverse=True)) + ")"
# Letters as they are written by those who were asked for a digit.
_PLAIN = str.maketrans("@4310$57!", "aaeiosstt")
_DECORATED_WORD = re.compile(rf"[\W\d_]*{_WORD}{{1,2}}s?[\W\d_]*")
_REPEATED = re.compile(r"(.{1,4}?)\1+(.{0,3})")
_SHORT_NUMBER = re.compile(r"\d{0,10}")
_LINES = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "a1b2c3d4e5f6g7h8i9",
    "147258369",
)
_RUNS = tuple(line for forth in _LINES for line in (forth, forth[::-1]))
SHORTEST_RUN = 3


def is_common(password: str) -> bool:
    """Whether this password is among those that are tried first."""
    lower = password.casefold()
    return (
        _SHORT_NUMBER.fullmatch(lower) is not None
        or _is_repeated(lower)
        or _is_all_runs(lower)
        or _DECORATED_WORD.fullmatch(lower) is not None
        or _DECORATED_WORD.fullmatch(lower.rstrip("0123456789!?.").translate(_PLAIN)) is not None
    )


def _is_repeated(text: str) -> bool:
    found = _REPEATED.fullmatch(text)
    return found is not None and found[1].startswith(found[2])


def _is_all_runs(text: str) -> bool:
    """Whether the text is nothing but runs over the keyboard, the alphabet or the digits."""
    rest = text
    while rest:
        length = _run_length(rest)
        if length < SHORTEST_RUN:
            # What is left at the end may be short: "qwerty12", "123456789a".
            return len(rest) < len(text) and (rest.isdigit() or len(rest) == 1)
        rest = rest[length:]
    return True


def _run_length(text: str) -> int:
    length = 0
    while length < len(text) and any(text[: length + 1] in run for run in _RUNS):
        length += 1
    return length
