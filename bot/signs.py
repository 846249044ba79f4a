"""What commands of LaTeX stand for, as far as authors use them in titles and abstracts."""

import re
import unicodedata
from functools import lru_cache


def _pairs(table: str) -> dict[str, str]:
    words = table.split()
    return dict(zip(words[::2], words[1::2], strict=True))


SIGNS = _pairs(
    """alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ
    lambda λ mu μ nu ν xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ
    chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω ell
    ℓ hbar ℏ nabla ∇ partial ∂ infty ∞ sum ∑ prod ∏ int ∫ sim ∼ simeq ≃ approx ≈ cong ≅ equiv ≡ propto ∝ neq
    ≠ ne ≠ leq ≤ le ≤ leqslant ≤ lesssim ≲ geq ≥ ge ≥ geqslant ≥ gtrsim ≳ ll ≪ gg ≫ lt < gt > times × cdot ·
    div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet • oplus ⊕ otimes ⊗ odot ⊙ rightarrow → to → longrightarrow →
    leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⇒ iff ⇔ mapsto ↦
    uparrow ↑ downarrow ↓ nearrow ↗ searrow ↘ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup
    ∪ cap ∩ setminus ∖ emptyset ∅ varnothing ∅ forall ∀ exists ∃ neg ¬ lnot ¬ land ∧ wedge ∧ lor ∨ vee ∨
    perp ⊥ parallel ∥ mid | vert | lvert | rvert | Vert ‖ lVert ‖ rVert ‖ langle ⟨ rangle ⟩ lfloor ⌊ rfloor
    ⌋ lceil ⌈ rceil ⌉ lbrace { rbrace } lbrack [ rbrack ] backslash \\ textbackslash \\ prime ′ dagger †
    ddagger ‡ dag † ddag ‡ deg ° degree ° textdegree ° ldots … dots … textellipsis … cdots ⋯ vdots ⋮ ddots ⋱
    therefore ∴ because ∵ triangle △ square □ Box □ blacksquare ■ checkmark ✓ cmark ✓ xmark ✗ surd √ angle ∠
    top ⊤ bot ⊥ Re Re Im Im aleph ℵ colon : coloneqq ≔ ss ß o ø O Ø l ł L Ł ae æ AE Æ oe œ OE Œ aa å AA Å i
    ı j ȷ dh ð DH Ð th þ TH Þ S § P ¶ pounds £ textsterling £ euro € texteuro € yen ¥ copyright ©
    textcopyright © textregistered ® texttrademark ™ micro µ textmu µ textasciitilde ~ texttildelow ~
    textasciicircum ^ textunderscore _ textendash – textemdash — textquotedblleft “ textquotedblright ”
    textquoteleft ‘ textquoteright ’ textquotesingle ' textbar | textless < textgreater > textdollar $
    textpercent % textbullet • texttimes × textpm ± item • TeX TeX LaTeX LaTeX ie i.e. eg e.g. etc etc. vs
    vs."""
) | {"etal": "et al.", "quad": " ", "qquad": " ", "space": " ", "newline": " ", "xspace": "", "and": " and "}
LETTERS = frozenset("ss o O l L ae AE oe OE aa AA i j dh DH th TH".split())
MARKS = {  # combining characters of accents, in text and in formulas
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331", "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303",
    "bar": "\u0304", "overline": "\u0304", "dot": "\u0307", "ddot": "\u0308", "vec": "\u20d7",
    "check": "\u030c", "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a",
}  # fmt: skip
_UPPER = dict(zip(
    "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθφχ",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᵠᵡ",
    strict=True,
)) | {"∘": "°", "°": "°", "′": "′", "″": "″", "*": "*", "∗": "*", "†": "†", "‡": "‡"}  # fmt: skip
_LOWER = dict(zip(
    "0123456789+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True,
))  # fmt: skip
BOARD = dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))
SPACED = dict.fromkeys(", ;:>\n\t", " ") | dict.fromkeys("!-/@", "")
UPRIGHT = frozenset(  # their argument is text, also inside a formula
    """text textrm textbf textit texttt textsf textsc textsl textmd textup textnormal emph mbox hbox fbox
    operatorname underline uline uwave sout st hl textsuperscript textsubscript""".split()
)
STYLED = frozenset(  # they only change the look of what follows
    """mathbf mathrm mathit mathsf mathtt mathcal mathscr mathfrak mathnormal boldsymbol bm bf it rm tt sc sl
    sf em bfseries itshape ttfamily scshape sffamily rmfamily mdseries upshape normalfont boldmath
    unboldmath tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge displaystyle
    textstyle limits nolimits left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr middle centering
    noindent par protect underbrace overbrace cal mathop mathrel mathbin mathord phantom""".split()
)
SILENT = frozenset(  # their argument is not shown
    """label vspace hspace color begin end pagestyle bibliographystyle vskip hskip""".split()
)
SECOND = frozenset("textcolor colorbox fcolorbox scalebox raisebox hyperlink hyperref".split())
ASIDE = frozenset("footnote thanks footnotetext".split())
POINTER = re.compile(r"[Cc]ite\w*|(?:eq|auto|c|C|page|name)?ref|parencite|textcite|bibitem")
FRACTION = frozenset("frac dfrac tfrac cfrac nicefrac sfrac".split())
_COMMAND = re.compile(r"\\(?:text\w*|mbox|emph|href|url)\s*\{[^{}]*\}|\\[a-zA-Z]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_OPERATOR = re.compile(r"[\\^_=+<>{}|]")


@lru_cache(maxsize=512)
def foreign(name: str) -> str | None:
    """The sign that pylatexenc knows by that name."""
    from pylatexenc.latex2text import LatexNodes2Text  # slow to import, rarely needed

    sign = str(LatexNodes2Text().latex_to_text(f"\\{name}")).strip()
    known = sign and "\\" not in sign and not sign.isascii() and not unicodedata.combining(sign[0])
    return sign if known else None


def script(sign: str, inner: str) -> str:
    """Raised or lowered text: in Unicode where it has all of it, else behind `^` or `_`."""
    inner = inner.strip()
    table = _UPPER if sign == "^" else _LOWER
    raised = [table.get(char) for char in inner if char != " "]
    if None not in raised:
        return "".join(filter(None, raised))
    bare = len(inner) == 1 or (sign == "_" and inner.isalnum())
    return f"{sign}{inner}" if bare else f"{sign}({inner})"


def accented(base: str, mark: str) -> str:
    """A letter with its accent; more than a letter stays as it is."""
    base = base.strip().replace("ı", "i").replace("ȷ", "j")
    if len(unicodedata.normalize("NFC", base)) != 1:
        return base
    return unicodedata.normalize("NFC", base + mark)


def term(words: str) -> str:
    """Part of a fraction, in brackets where it would be misread without."""
    words = words.strip()
    return f"({words})" if re.search(r"[\s+\-−*/=·×]", words[1:]) else words


def is_math(inner: str, before: str, after: str) -> bool:
    """Whether two dollars enclose a formula, rather than being two prices or names."""
    body = inner.strip()
    if not body:
        return False
    worded = bool(_WORD.search(_COMMAND.sub("", body)))
    loose = inner[0].isspace() or inner[-1].isspace()
    if loose and (worded or (body[0].isdigit() and not _OPERATOR.search(body))):
        return False
    if body[0].isdigit() and after.isdigit() and not _OPERATOR.search(body):
        return False  # $5-$10
    return not (worded and " " in body and (before + after).isalnum() and not _OPERATOR.search(body))


def linked(address: str, label: str) -> str:
    """A link as text: its label, and its address where the label does not tell it."""
    address, label = address.strip(), label.strip()
    plain = re.sub(r"^https?://(?:www\.)?|/$", "", label)
    if not label or plain == re.sub(r"^https?://(?:www\.)?|/$", "", address):
        return address if len(address) > len(label) else label
    return label if "://" in label or not address else f"{label} ({address})"
