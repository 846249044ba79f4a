"""Numbers that a summary states and the paper's own words do not.

A false mark discredits the feature, so what could be right is let pass: small counts ("3 modules" may
have been counted from a list), names that hold digits (GPT-4, 3D, RTX 3090), years, ordinals, numbers
rounded or converted (13.5 billion and 135亿, 0.5 and 50%, 1.5M and 150万, twice and 2倍). What is left
is a number with no counterpart in title or abstract.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.model import Doubt

_LONGEST = 20_000  # characters of a text that is still a summary or an abstract
_COUNTED = 12  # bare whole numbers up to here may be the writer's own count
_SCALES = {
    "万亿": 1e12, "千亿": 1e11, "百亿": 1e10, "十亿": 1e9, "亿": 1e8, "千万": 1e7, "百万": 1e6, "十万": 1e5,
    "万": 1e4, "千": 1e3, "百": 1e2, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12, "hundred": 1e2, "thousand": 1e3,
    "million": 1e6, "billion": 1e9, "trillion": 1e12,
}  # fmt: skip
_SCALE = (
    r"(?P<scale>万亿|[千百十]?亿|[千百十]?万|千(?![米克兆瓦])|百(?!分)|(?:hundred|thousand|million|billion|trillion)s?\b"
    r"|[kKMBT](?![A-Za-z0-9]))"
)
_FIGURE = r"[0-9]+(?:(?:,|\{,\}|，)[0-9]{3}(?![0-9]))*(?:\.[0-9]+)?"
_CLAIM = re.compile(
    rf"(?<![0-9.])(?P<figure>{_FIGURE})"
    r"(?P<power>\s?(?:×|\\times|x|\*|·)\s?10\s?\^?\s?\{?[-−⁻⁰¹²³⁴-⁹0-9]+\}?)?"
    rf"\s?(?P<more>多|余|几|\+)?[-\s]?(?:{_SCALE})?\s?(?P<unit>\\?[%％]|个?百分点|percent\b|倍|[×xX](?![A-Za-z])|times\b|fold\b"
    r"|毫秒|秒|分钟|小时|[Ff][Pp][Ss]|帧|[GMTK]B\b|[kMG]?Hz\b|d[Bb]\b|ms\b|mm\b|cm\b|s\b|min\b|h\b|°|度|年)?(?P<after>[A-Za-z_]|-[A-Za-z])?"
)
_SOURCE = re.compile(
    rf"(?P<figure>{_FIGURE})\}}?\s?[-\s]?(?:{_SCALE})?(?P<power>\s?\^\s?\{{?-?[0-9]+|[⁰¹²³⁴-⁹]+)?"
)
_BEFORE = re.compile(r"(?:[A-Za-z\[第^_][-–/_.:+]?|[A-Za-z]\s)\Z")
_DIGIT = re.compile(r"[0-9]")
_ADDRESS = re.compile(r"https?://[^\s<>]+")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_RATIO = re.compile(r"([0-9]+)\s?/\s?([0-9]+)")
_SCIENCE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s?(?:×|\\times|x|\*|·)\s?10\s?\^?\s?\{?(-?[0-9]+|[⁻⁰¹²³⁴-⁹]+)")
_HIGH = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS: dict[str, tuple[float, ...]] = (
    {word: (float(value),) for value, word in enumerate(_ONES)}
    | {word: (20.0 + 10 * place,) for place, word in enumerate(_TENS)}
    | {word: (scale,) for word, scale in _SCALES.items() if len(word) > 6 and word.isascii()}
    | {
        "hundred": (100.0,), "dozen": (12.0,), "twice": (2.0,), "double": (2.0,), "doubles": (2.0,),
        "doubling": (2.0,), "doubled": (2.0,), "triple": (3.0,), "thrice": (3.0,), "half": (0.5, 2.0),
        "halves": (0.5, 2.0), "halving": (0.5, 2.0), "halved": (0.5, 2.0), "quarter": (0.25, 4.0),
        "third": (1 / 3, 3.0), "thirds": (2 / 3,), "fifth": (0.2, 5.0), "tenth": (0.1, 10.0),
        "tenfold": (10.0,), "twofold": (2.0,), "threefold": (3.0,), "fourfold": (4.0,), "fivefold": (5.0,),
        "magnitude": (10.0,),
        "magnitudes": (10.0, 100.0, 1000.0), "orders": (10.0, 100.0, 1000.0), "thousands": (1e3,),
        "panoramic": (360.0,), "panorama": (360.0,), "omnidirectional": (360.0,), "minute": (60.0,),
        "hour": (60.0,), "fully": (1.0,), "perfect": (1.0,), "entire": (1.0,), "all": (1.0,),
    }
)  # fmt: skip
_WORDED = re.compile(r"[a-z]+(?:-[a-z]+)?", re.IGNORECASE)
_ROUNDED = re.compile(
    r"(?:约|近|超过|多达|高达|至少|超|逾|接近|大约|数|over|about|nearly|around|more than|up to|some)\s*\Z"
)
_HAN = "零一二两三四五六七八九"
_SPOKEN = re.compile(  # "两亿", "三十万"; not "数万", "成千上万", "百万级"
    rf"(?<![{_HAN}十百千万亿数几上成])(?P<figure>[{_HAN[1:]}][{_HAN}十百千]{{0,6}})(?P<scale>万亿|亿|万)"
)
_RATES = frozenset(("%", "\\%", "％", "百分点", "个百分点", "percent", "倍", "×", "x", "X", "times", "fold"))
_PERCENT = frozenset(("%", "\\%", "％", "percent"))
_SIZES = frozenset(("毫秒", "秒", "分钟", "小时", "ms", "mm", "cm", "s", "min", "h", "GB", "MB", "TB", "KB"))


class _Claim(NamedTuple):
    """A number in a summary: how it is written, what it may mean, and how exactly."""

    written: str
    plain: str | None  # its figure, where finding that in the paper suffices
    values: tuple[float, ...]
    slack: float  # how far a rounded number may be from what the paper says


def doubts(title: str, abstract: str, summary: str | None, takeaways: Sequence[str]) -> tuple[Doubt, ...]:
    """The numbers in summary and takeaways that neither title nor abstract states, in their order."""
    found: list[Doubt] = []
    if len(title) + len(abstract) > _LONGEST:
        return ()
    plain: set[str] = set()
    stated: list[float] = []
    for place, text in ((None, summary or ""), *enumerate(takeaways)):
        for claim in _claims(text):
            plain = plain or {*_PLAIN.findall(title), *_PLAIN.findall(abstract), ""}
            if claim.plain in plain:
                continue
            stated = stated or [1.0, *_stated(title), *_stated(abstract)]
            if not any(abs(value - said) <= claim.slack * value for value in claim.values for said in stated):
                found.append(Doubt(takeaway=place, number=claim.written))
    return tuple(found)


def _claims(text: str) -> Iterator[_Claim]:
    if len(text) > _LONGEST:
        return
    if "亿" in text or "万" in text:
        for match in _SPOKEN.finditer(text):
            value = _spoken(match["figure"]) * _SCALES[match["scale"]]
            yield _Claim(match[0], None, (value,), _slack(match, "") + 1e-9)
    if not _DIGIT.search(text):
        return
    if "://" in text:
        text = _ADDRESS.sub("", text)
    for match in _CLAIM.finditer(text):
        if len(match["figure"]) < 40 and _is_claim(match):
            yield _claim(match)


def _is_claim(match: re.Match[str]) -> bool:
    """Whether digits say how much, rather than naming or counting something."""
    figure, scale, unit = match["figure"], match["scale"], match["unit"]
    whole = "." not in figure and "," not in figure
    start = match.start()
    before = _BEFORE.search(match.string, max(0, start - 2), start)
    if before and (not before[0][-1].isspace() or (whole and not scale and not unit)):
        return False  # GPT-4, RTX 3090
    if unit == "年":
        return len(figure) == 4
    if match["after"] and not (unit and unit not in ("x", "X", "s", "h")):
        return False  # 3DGS, 6-DoF
    if scale == "K" and whole and int(figure) <= 16 and not unit:
        return False  # 4K is a size of images
    if not (whole and not scale and not match["power"]):
        return True
    value = int(figure)
    if unit and unit not in ("°", "度", "帧"):
        return value > 1
    return value > _COUNTED and not 1900 <= value < 2100


def _claim(match: re.Match[str]) -> _Claim:
    figure, scale, unit = re.sub(r"[^0-9.]", "", match["figure"]), match["scale"], match["unit"] or ""
    value = float(figure) * (_SCALES[scale.lower().rstrip("s")] if scale else 1.0)
    values = [value]
    if unit in _RATES:
        values += [value / 100, value * 100]
    if unit in _PERCENT and value < 100:
        values += [100 - value, 1 - value / 100]
    if unit in _SIZES or scale in ("k", "K"):
        values += [value * factor for factor in (1000, 1 / 1000, 60, 1 / 60, 1.024, 1024, 1 / 1024, 24)]
    telling = figure.replace(".", "").strip("0")
    slack = 0.0 if unit == "年" else _slack(match, telling)
    end = match.end("unit") if unit else match.end("scale") if scale else match.end("figure")
    plain = None if scale and not match["power"] else figure
    return _Claim(match.string[match.start() : end], plain, tuple(values), slack + 1e-9)


def _slack(match: re.Match[str], telling: str) -> float:
    """How far a number may be off: half a unit of its last digit that tells, more after "about"."""
    exact = 0.5 / int(telling) if len(telling) > 1 else 0.0
    start = match.start()
    rounded = _ROUNDED.search(match.string, max(0, start - 12), start)
    return max(exact, 0.1) if rounded or match.groupdict().get("more") else exact


def _spoken(figure: str) -> float:
    """The value of a Chinese numeral below ten thousand: "三十五" is 35."""
    total = digit = 0
    for sign in figure:
        if sign in "十百千":
            total += (digit or 1) * 10 ** ("十百千".index(sign) + 1)
            digit = 0
        else:
            digit = _HAN.replace("两", "").index(sign.replace("两", "二"))
    return float(total + digit)


def _stated(text: str) -> Iterator[float]:
    """Every value that a text may be said to state: figures, scaled ones, ratios, powers, number words."""
    for match in _SOURCE.finditer(text):
        value = float(re.sub(r"[^0-9.]", "", match["figure"]))
        yield value
        if match["scale"]:
            yield value * _SCALES[match["scale"].lower().rstrip("s")]
        if power := match["power"]:
            exponent = int(re.sub(r"[^0-9-]", "", power.translate(_HIGH)) or 0)
            yield value ** min(exponent, 30) if value and abs(exponent) < 30 else value
        if "," in match["figure"]:
            yield from map(float, _PLAIN.findall(match["figure"]))
    for match in _SCIENCE.finditer(text):
        exponent = int(match[2].translate(_HIGH).strip("-") or 0)
        yield float(match[1]) * 10.0 ** min(exponent, 99)
    for match in _RATIO.finditer(text):
        if int(match[2][:9]):
            yield int(match[1][:9]) / int(match[2][:9])
    yield from _worded(text)


def _worded(text: str) -> Iterator[float]:
    """The values of number words, alone and joined: "twenty-four", "two hundred", "a million"."""
    tail = 0.0
    for match in _WORDED.finditer(text):
        word = match[0].lower()
        values = _WORDS.get(word) or _WORDS.get(word.partition("-")[0], ())
        yield from values
        second = _WORDS.get(word.partition("-")[2], ())
        if values and second:
            tail = values[0] + second[0] if second[0] < 10 <= values[0] else values[0] * second[0]
            yield tail
        elif values and tail and values[0] >= 100:
            tail *= values[0]
            yield tail
        else:
            tail = values[0] if values else 0.0
