"""Letters that pass for Latin ones: the table behind `name_key`.

From Unicode's confusables.txt (UTS #39) as confusable-homoglyphs 3.3.1 carries it, for the scripts
whose letters look Latin: Greek, Cyrillic, Armenian, Cherokee, Coptic, Lisu, and Latin's own
variants, with its small capitals added. Names are case-folded first, so a letter stands here when
its small or its capital form has a twin. Where the two have different twins (Greek nu is a "v"
when small, an "N" when capital) the small one counts. ASCII stays as it is: "1" is not "l", or
Ann1 could not live beside Annl.

A table and not a library: confusable-homoglyphs and confusables have had no release for years and
make no skeleton, and PyICU wants ICU and a compiler to install.
"""
# ruff: noqa: RUF001 - Characters that look alike are the very subject of this file.

_TWINS = {
    "a": "ɑαаᎪꓮᴀ",
    "b": "ƅβвьᏏᏴꓐʙ",
    "c": "сᏟᴄⲥꓚ",
    "d": "ԁᎠᏧꓒꓓᴅ",
    "e": "εеҽᎬꓰᴇ",
    "f": "ϝքẝꓝғꜰ",
    "g": "ƍɡԍցᏀᏳᶃꓖɢ",
    "h": "ηнһհᎻᏂⲏꓧʜ",
    "i": "ıɩɪιіӏᎥꙇ",
    "j": "ʝϳјᎫꓙᴊ",
    "k": "κкᏦⲕꓗᴋ",
    "l": "ǀᏞⲓⳑꓡꓲʟ",
    "m": "μϻмᎷⲙꓟᴍ",
    "n": "ոռⲛꓠɴ",
    "o": "οσоօᴏᴑⲟꓳ",
    "p": "ρрᏢⲣꓑᴘ",
    "q": "ԛգզ",
    "r": "ʀгᎡᎱᏒᴦⲅꓣ",
    "s": "ƽѕտᏕᏚꓢ",
    "t": "τтᎢⲧꓔᴛ",
    "u": "ʋυսᴜꓴ",
    "v": "νѵᏙᴠꓦ",
    "w": "ɯѡԝաᎳᏔᴡꓪ",
    "x": "χхⲭꓫ",
    "y": "ɣʏγуүᎩᎽᶌỿⲩꓬ",
    "z": "ζᏃᴢꓜ",
}

# For `str.translate`: each look-alike to its Latin letter.
TO_LATIN = {ord(twin): latin for latin, twins in _TWINS.items() for twin in twins}
