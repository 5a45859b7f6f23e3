"""What stands in a mail besides its writer's words: signatures, footers of programs, disclaimers, banners.

Only what ends a text (or, for banners, begins it) is looked for, and only in a bounded number of lines. A closing
("Hormat kami," with the names under it) is the writer's own and is told apart, not cut.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SIGNATURE = 15  # lines; more below "--" is text after a dividing line
_TAIL = 80  # lines at the end that are looked at
_BANNER = 6  # lines at the top
_CLOSING = 12  # lines
_LONGEST = 6000
_WRAPPED = 40  # characters that the lines of a paragraph have at least, but for its last

# --- footers of telephones and programs ------------------------------------------------------

_SENT = (
    r"(?:di|ter)kirim (?:dari|melalui|dengan|via|menggunakan)|dihantar (?:dari(?:pada)?|melalui)"
    r"|sent (?:from|via|with|using|by)|from my|composed (?:on|with)|written on"
    r"|envoyé (?:depuis|de|avec|à partir de?|via)|gesendet (?:von|mit|über)|diese (?:e-?mail|nachricht) wurde (?:von"
    r"|mit)"
    r"|von mein\w{0,3} .{2,60} gesendet|von unterwegs gesendet|verzonden (?:vanaf|met|van|via|door)"
    r"|verstuurd (?:vanaf|met)"
    r"|enviado (?:desde|do|da|de|pelo|a partir|con|com|por)|inviato (?:da|dal|con|tramite)|wysłan[eo] z"
    r"|отправлено (?:с|из)"
    r"|надіслано з|skickat från|skickades från|sendt fra|lähetetty|odesláno z|odoslané z|trimis de pe|poslano s"
    r"|được gửi từ|gửi từ|iphone['’]?umdan|발송|발신"
)
# Names of telephones and programs; and words that are one only by themselves ("dikirim dari HP saya").
_BRAND = (
    r"i-?phone|i-?pad|i-?pod|ios|macbook|android|yahoo|outlook|samsung|galaxy|xiaomi|redmi|poco|oppo|vivo|realme"
    r"|infinix"
    r"|tecno|advan|asus|nokia|lenovo|sony|xperia|lg|motorola|moto|pixel|huawei|honor|htc|alcatel|wiko|oneplus"
    r"|blackberry"
    r"|windows|gmail|zimbra|(?:mail|air|blue|aqua|fair|proton)e?-?mail|mailbox|mailbird|typeapp|spark|sparrow|acompli"
    r"|k-9|tutanota"
    r"|roundcube|thunderbird|verizon|t-mobile|telkomsel|indosat|ti-\d\d|android-\w+|yandex|mail for|mail app|titan"
    r"|canary"
)
_WEAK = (
    r"ponsel\w*|smartphones?|telepon|telefon\w*|hp|hape|handphone|gadget|tablet|perangkat|mobile|phone|cell(?:phone)?"
    r"|device|mobil\w+|handy|téléphone|portable|telefoon|móvil|movil|celular|teléfono|telemóvel|cellulare|телефон\w*"
    r"|компьютер\w*|pc|laptop|mac|handset|wireless|e?-?mail|mailer|inbox|nine"
)
_FOOTER = re.compile(rf"[(<\[*_ ]{{0,4}}(?:{_SENT})\b[^\n]{{0,110}}", re.IGNORECASE)
_HAS_BRAND = re.compile(rf"\b(?:{_BRAND})\b", re.IGNORECASE)
_HAS_WEAK = re.compile(rf"\b(?:{_WEAK})\b", re.IGNORECASE)
# A sentence that only begins like a footer: "Dikirim melalui e-mail kemarin oleh bendahara"
_TELLS = re.compile(
    r"\b(?:kemarin|tadi|tanggal|tgl|oleh|sudah|telah|hari|pagi|siang|sore|malam|lalu|bulan|kepada|ke"
    r"|untuk(?! (?:i-?phone|i-?pad|ios|android|windows|mac)\b)|yang|karena|dan"
    r"|yesterday|today|last|was|were|is|are|to|app|automated|server|because|and|not|main)\b",
    re.IGNORECASE,
)
_MINE = re.compile(
    r"(?:sent|envoyé|enviado|verzonden|inviato|dikirim) \S{1,8}(?: a)? (?:my|saya|mon|mein|mi|mijn|mio)\b[^,;]{1,50}",
    re.I,
)
_FOOTER_WHOLE = re.compile(
    r"(?:get|dapatkan|unduh|muat turun|download|holen sie sich|télécharge[rz]?|obtenez|obtener|obtén|obter|obtenha o?"
    r"|ottieni|scarica|hämta|få|hent|pobierz|installera|baixe o) ?(?:o "
    r"|l')?\[?(?:outlook|yahoo mail|bluemail|gmail|spark)"
    r"\b[^\n]{0,120}"
    r"|outlook(?: (?:voor|för|til|für|para|per|pour|untuk|for))? (?:ios|android)[^\n]{0,80}"
    r"|(?:获取|下载|取得) ?outlook[^\n]{0,80}|yahoo mail ?(?::|untuk|for|on|di)[^\n]{0,80}"
    r"|[^\n]{0,12}(?:發自|发自|從我的|从我的)[^\n]{1,40}|[^\n]{1,30}から送信(?:されました)?。?"
    r"|나의 [^\n]{1,30}에서 보냄"
    r"|(?:(?:bebas|free of|ohne) virus|virus-?free|sans virus|libre de virus|bebas dari virus)\b[^\n]{0,100}"
    r"|(?:this e-?mail|e-?mail ini|diese e-?mail|cet e-?mail|el software de antivirus|this message) [^\n]{0,60}"
    r"\b(?:avast|avg|virus(?:es|en)?|malware|mailscanner|norton|mcafee|eset|kaspersky)\b[^\n]{0,80}"
    r"|(?:https?://|www\.)(?:www\.)?(?:avast|avg)\.com\S{0,200}"
    r"|(?:please )?(?:consider|think of) the environment before printing[^\n]{0,80}"
    r"|please think before (?:you )?print[^\n]{0,60}"
    r"|[^\n]{0,60}\b(?:sebelum mencetak|before printing|bevor sie (?:diese )?\S* ?(?:aus)?drucken"
    r"|avant d'imprimer)[^\n]{0,80}"
    r"|(?:to )?unsubscribe\b[^\n]{0,100}|berhenti berlangganan\b[^\n]{0,100}",
    re.IGNORECASE,
)


# What some programs add under their footer: their page, the telephone company.
_UNDER_FOOTER = re.compile(r"powered by [^\n]{2,60}|<?(?:https?://|www\.)\S{3,200}", re.IGNORECASE)


_MORE = re.compile(r"<?https?:\S*|\(http\S*|,|; |(?<=[^\W_])\. (?=\S)")
_EXCUSED = re.compile(
    r"\b(?:maaf\w*|excuse|pardon|typos?|brevity|entschuldig\w+|excus\w+|disculp\w+|desculp\w+|powered|provided|network"
    r"|jaringan)\b",
    re.IGNORECASE,
)
# Words that begin small, of which footers, names and addresses have few.
_TOLD = re.compile(r"(?<![^\s(\"'“])[a-zà-ÿ]{2,}(?![^\s,.;:!?)\"'”])")


def is_footer(line: str) -> bool:
    """Whether a line is what a telephone or a virus scanner adds: "Dikirim dari iPhone saya"."""
    if len(line) > 240 or len(line) < 6:
        return False
    if _FOOTER_WHOLE.fullmatch(line):
        return not _COMMAND.match(line)
    bare, rest = (*_MORE.split(line, maxsplit=1), "")[:2]
    bare = bare.strip(" .()<>[]*_")
    if rest and not _EXCUSED.search(rest) and len(_TOLD.findall(rest)) > 1:
        return False  # somebody has written on in the footer's own line
    if len(bare) > 90 or not _FOOTER.fullmatch(bare) or _TELLS.search(bare):
        return False
    if _HAS_BRAND.search(bare):
        return _count_words(bare) <= 12
    return (_count_words(bare) <= 8 and _HAS_WEAK.search(bare) is not None) or bool(
        _MINE.fullmatch(line.strip(" .()<>[]*_"))
    )


def _count_words(text: str) -> int:
    return len(text.split())


# --- disclaimers and lists ----------------------------------------------------------------------

_LEGAL_HEAD = re.compile(
    r"[*_\s\[(]{0,5}(?:disclaimer|sanggahan|penafian|pernyataan kerahasiaan|peringatan kerahasiaan|legal notice"
    r"|confidentiality(?: notice| note)?|confidential|important notice|catatan kerahasiaan|haftungsausschluss"
    r"|avis de confidentialité|aviso legal|notice|perhatian|peringatan|penting|catatan"
    r"|warning)[*_\s\])]{0,5}:?[*_\s]{0,3}",
    re.IGNORECASE,
)
_LEGAL_BEGIN = re.compile(
    r"(?:[*_\[(]{0,3}(?:disclaimer|sanggahan|penafian|confidentiality notice|confidentiality|peringatan|perhatian"
    r"|notice"
    r"|important|penting|catatan|warning|caution|confidential)[*_\])]{0,3} ?[:\-–—] ?)?[*_(]{0,3}"
    r"(?:(?:isi |seluruh isi )?(?:e-?mail|surat elektronik|surel|pesan|informasi|komunikasi|transmisi"
    r"|dokumen)\b.{0,60}\b(?:ini|lampiran\w*)\b"
    r"|(?:this|the (?:information|content\w*|message)|all information|any (?:views|opinions))\b.{0,80}"
    r"\b(?:e-?mail|message|communication|transmission)\b"
    r"|if you (?:are not|have received)|jika anda (?:bukan|menerima)|apabila anda (?:bukan|menerima)|bila anda bukan"
    r"|diese (?:e-?mail|nachricht)|ce (?:message|courriel|mail)|este (?:mensaje|correo|e-?mail)|esta mensagem"
    r"|dit (?:bericht|e-?mail)|le informazioni contenute)",
    re.IGNORECASE,
)
_LEGAL_WORDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:rahasia|kerahasiaan|confidential\w*|privileged|vertraulich\w*|confidentiel\w*|confidencial\w*"
        r"|riservat\w+)\b",
        r"\b(?:penerima|dituju\w*|ditujukan|intended|recipients?|addressees?|empfänger\w*|destinatai\w+|destinatar\w+"
        r"|geadresseerde)\b",
        r"\b(?:dilarang|melarang|larangan|prohibited|unauthori[sz]ed|strictly|tidak (?:diperkenankan|diizinkan|berhak"
        r"|sah)|verboten|interdit\w*|prohibid\w+)\b",
        r"\b(?:hapus\w*|menghapus\w*|dihapus|musnahkan|delet\w+|destroy|vernichten|löschen|supprim\w+|eliminar)\b",
        r"\b(?:(?:ber)?tanggung ?jawab\w*|liab\w+|responsib\w+|pandangan|pendapat|views|opinions|haft\w+)\b",
        r"\b(?:menyebar\w+|disebar\w+|penyebaran|menyalin|disalin|penyalinan|menggandakan|disclos\w+|distribut\w+"
        r"|copy\w*|dissemination|penggunaan)\b",
        r"\b(?:salah|kekeliruan|keliru|kesalahan|in error|by mistake|irrtümlich|par erreur|por error)\b",
        r"\b(?:virus\w*|malware|scanned|mimecast)\b",
    )
)
_LEGAL_FORMULA = re.compile(
    r"bukan (?:merupakan )?penerima|hanya (?:di)?(?:tujukan|untuk penerima)|not (?:the|an) intended"
    r"|intended (?:solely|only|for)"
    r"|nicht der|pas le destinataire|no es el destinatario|não for o destinatário|received (?:this"
    r"|it) \S* ?\S* ?in error",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"[^\n]{0,80}\bmailing list\b[^\n]{0,80}|(?:anda menerima (?:pesan|e-?mail) ini karena"
    r"|you received this (?:message|e-?mail) because"
    r"|you are receiving this (?:message|e-?mail)? ?because|untuk berhenti berlangganan"
    r"|to unsubscribe from)[^\n]{0,200}",
    re.IGNORECASE,
)
_RECEIVED = re.compile(r"(?:anda menerima|you (?:are )?receiv\w+) ", re.IGNORECASE)
_LIST_RULE = re.compile(r"[_=—-]{2,200}")


def _is_legal(paragraph: str) -> bool:
    if not 90 <= len(paragraph) <= _LONGEST or not _LEGAL_BEGIN.match(paragraph):
        return False
    least = 3 if _LEGAL_FORMULA.search(paragraph) else 4
    return sum(pattern.search(paragraph) is not None for pattern in _LEGAL_WORDS) >= least


# --- banners ----------------------------------------------------------------------------------------

_BANNERS = re.compile(
    r"[*_\s]{0,3}\[(?:ext(?:ernal)?|eksternal|luar|external (?:e-?mail|sender)|pengirim (?:luar"
    r"|eksternal)|caution|peringatan)[^\]\n]{0,40}\][^\n]{0,200}"
    r"|[*_\[ ]{0,4}(?:caution|warning|peringatan|perhatian|hati-hati|external(?: e-?mail| sender| message)?"
    r"|e-?mail eksternal|eksternal|attention|achtung|notice|awas|waspada)"
    r"[*_\] !]{0,4}[:\-–—!][^\n]{0,60}\b(?:e-?mail|message|mail|pesan|surel|surat elektronik|pengirim|sender"
    r"|nachricht)\b[^\n]{0,40}"
    r"\b(?:originat\w*|outside (?:of )?(?:the|your|our|this)|external sender|(?:di|dari|pihak) luar (?:organisasi"
    r"|instansi|kantor"
    r"|perusahaan|lingkungan|domain)|eksternal|außerhalb|berasal dari)\b[^\n]{0,400}"
    r"|[*_\[ ]{0,4}(?:this (?:e-?mail|message)|e-?mail ini|pesan ini|surel ini) [^\n]{0,40}\b(?:originat\w*|(?:from"
    r"|sent from) (?:an )?(?:outside|external)|berasal dari (?:luar|pihak luar|pengirim))\b[^\n]{0,400}"
    r"|(?:you don['’]t often get e-?mail from|some people who received this message don['’]t often get|anda (?:jarang"
    r"|tidak sering) (?:mendapat\w*|menerima) e-?mail dari"
    r"|beberapa orang yang menerima pesan ini (?:jarang|tidak sering))[^\n]{0,300}"
    r"|(?:do not|don['’]t|jangan) (?:click|klik|membuka|buka|open)\b[^\n]{0,60}\b(?:links?|tautan|lampiran"
    r"|attachments?)\b[^\n]{0,200}",
    re.IGNORECASE,
)
_BANNER_RULE = re.compile(r"[-_=*─━ ]{3,200}")

# --- closings ---------------------------------------------------------------------------------------

_COMMAND = re.compile(r"[#＃][^\W\d_]")
_CLOSES = re.compile(
    r"(?:hormat (?:kami|saya)|salam(?: hormat(?: kami| saya)?| hangat| sukses| sehat)?|dengan hormat"
    r"|wassalam\w*[^\n]{0,40}"
    r"|ttd|tertanda|a\.?n\.? [^\n]{2,40}|(?:best|kind|warm|warmest)? ?regards|regards[^\n]{0,12}|best(?: wishes)?"
    r"|sincerely(?: yours)?"
    r"|yours (?:sincerely|faithfully|truly)|respectfully|cheers|with best regards|(?:thanks|thank you)(?: and"
    r"| &) regards"
    r"|terima kasih dan salam|mit (?:freundlichen|besten|lieben) grüßen|mfg|viele grüße|(?:liebe|beste|schöne) grüße"
    r"|gruß"
    r"|cordialement|bien cordialement|bien à vous|met vriendelijke groeten?|mvg|groeten|saludos(?: cordiales)?"
    r"|un saludo"
    r"|atentamente|atenciosamente|abraços?|cordiali saluti|distinti saluti|saluti|pozdrawiam|z poważaniem|с уважением"
    r"|med vänlig hälsning|vänliga hälsningar|mvh|hälsningar|med venlig hilsen|venlig hilsen|hilsen|kh|vennlig hilsen"
    r"|trân trọng|此致|敬具|以上)[ ,.!:;]{0,4}",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"[^\n]{0,200}\b(?:terima ?kasih|thanks|thank you|matur nuwun|trims|makasih)\b[^\n]{0,40}", re.IGNORECASE
)
_SENTENCE = re.compile(r"[^\n]*[.!?]|[^\n]{71,}|[^\n]*\?")
_CONTACT = re.compile(
    r"\b(?:telp|tlp|telepon|hp|wa|whatsapp|phone|tel|fax|mobile|nip|jabatan|direktur|manajer|staf|staff|admin|kepala"
    r"|sekretaris|lpse|dinas|badan|kantor|biro|bagian|cv|pt|ud|pokja|ppk|verifikator|helpdesk|jl|jalan)\b\.?"
    r"|\+?\d[\d ()-]{7,}\d|@",
    re.IGNORECASE,
)


# "NB: user ID kami …" under the writer's name; so many words that begin small are a sentence and no slogan.
_POSTSCRIPT = re.compile(
    r"(?:n\.? ?b|p\.? ?s|catatan|tambahan|note|nachtrag)(?: ?[:：]|\.(?= ))[^\n]*[^\W_]", re.IGNORECASE
)
_TOLD_ENOUGH = 5


@dataclass(frozen=True, slots=True)
class Parts:
    """Line numbers: the writer's words are lines [start, end); his closing begins at `closing` (or equals `end`).

    Before start: banners. From end on: signature, footers and disclaimers.
    """

    start: int
    end: int
    closing: int


def apart(plain: Sequence[str], *, signed: bool = True) -> Parts:
    """Lines of a text (without blanks around them), told apart. Total; looks at a bounded number of lines.

    signed: whether "--" with a few lines under it is a signature.
    """
    start = _after_banners(plain)
    end = len(plain)
    cut = _signature_start(plain, start) if signed else end
    before = None
    while before != cut:
        before = cut
        cut = _without_footers(plain, start, cut)
    return Parts(start, cut, _closing_start(plain, start, cut))


def _signature_start(plain: Sequence[str], start: int) -> int:
    """Where "--" begins a signature. A long stretch below it is text after a dividing line."""
    end = len(plain)
    cut, lines = end, 0
    for number in range(end - 1, start - 1, -1):
        if plain[number] == "--":
            cut = number
        lines += plain[number] != ""
        if lines > _SIGNATURE:
            break
    tail = _without_footers(plain, start, end)
    if cut == end and lines > _SIGNATURE and tail < end:
        # what stands under a signature does not make it longer: a disclaimer, a list's footer
        return min(_signature_start(plain[:tail], start), tail)
    return tail if cut < tail and _is_prose(plain[cut + 1 : tail]) else cut


def _is_prose(lines: Sequence[str]) -> bool:
    """Whether what stands under "--" reads like sentences, or has a postscript: a dividing line, then, or more words
    of the writer, and no mere signature."""
    said = [line for line in lines if line and not is_footer(line) and not _LIST.fullmatch(line)]
    sentences = sum(_count_words(line) >= 3 and line[-1] in ".!?:" for line in said)
    return sentences >= 2 or any(
        line[-1] == "?" or len(line) > 100 or _POSTSCRIPT.match(line) or len(_TOLD.findall(line)) >= _TOLD_ENOUGH
        for line in said
    )


def _without_footers(plain: Sequence[str], start: int, cut: int) -> int:
    while True:
        last = cut
        while last > start:
            if not plain[last - 1] or is_footer(plain[last - 1]):
                last -= 1
            elif last - 1 > start and _UNDER_FOOTER.fullmatch(plain[last - 1]) and is_footer(plain[last - 2]):
                last -= 2
            else:
                break
        found = _legal_start(plain, start, last)
        if found is None:
            found = _list_start(plain, start, last)
        if found is None:
            return last if last < cut and any(plain[last:cut]) else cut
        cut = found


def _legal_start(plain: Sequence[str], start: int, end: int) -> int | None:
    """Where the disclaimer that ends here begins; None if the last paragraph is none."""
    first = end
    while first > start and plain[first - 1] and end - first < _TAIL:
        first -= 1
    if first == end:
        return None
    for begin in (first, *range(first + 1, min(end, first + 4))):
        wrapped = all(len(line) >= _WRAPPED for line in plain[begin : end - 1])  # not a person's short lines below it
        if wrapped and _is_legal(" ".join(plain[begin:end])):
            return _with_heading(plain, start, begin)
    # "Disclaimer" on a line of its own, whatever paragraphs come after it
    for number in range(end - 1, max(start, end - 40) - 1, -1):
        if plain[number] and _LEGAL_HEAD.fullmatch(plain[number]):
            body = " ".join(plain[number + 1 : end])[:_LONGEST]
            if sum(pattern.search(body) is not None for pattern in _LEGAL_WORDS) >= 3:
                return number
            return None
    return None


def _with_heading(plain: Sequence[str], start: int, begin: int) -> int:
    above = begin - 1
    while above > start and (not plain[above] or _BANNER_RULE.fullmatch(plain[above])):
        above -= 1
    if above >= start and plain[above] and _LEGAL_HEAD.fullmatch(plain[above]):
        return above
    return begin


def _list_start(plain: Sequence[str], start: int, end: int) -> int | None:
    """Where a mailing list's footer begins: a long rule, the list's name, its address."""
    for number in range(end - 1, max(start, end - 8) - 1, -1):
        if _LIST.fullmatch(plain[number]):
            ruled = number > start and _LIST_RULE.fullmatch(plain[number - 1]) is not None
            if ruled or _RECEIVED.match(plain[number]):
                return number - ruled
    return None


def _after_banners(plain: Sequence[str]) -> int:
    start, seen = 0, 0
    for number, line in enumerate(plain[:_TAIL]):
        if not line or (seen and _BANNER_RULE.fullmatch(line)):
            continue
        below = plain[number + 1] if number + 1 < len(plain) else ""
        if seen >= _BANNER or len(line) > 900 or not _BANNERS.fullmatch(line):
            break
        if below and not _BANNER_RULE.fullmatch(below) and not _BANNERS.fullmatch(below):
            break  # a server sets its banner apart; this is somebody's first sentence
        seen += 1
        start = number + 1
    while seen and start < len(plain) and (not plain[start] or _BANNER_RULE.fullmatch(plain[start])):
        start += 1
    return start


def _closing_start(plain: Sequence[str], start: int, end: int) -> int:
    """Where "Hormat kami," and the names under it begin; `end` if the text has no such closing."""
    lines, thanked = 0, None
    for number in range(end - 1, start - 1, -1):
        line = plain[number]
        if not line:
            continue
        lines += 1
        if lines > _CLOSING or _COMMAND.match(line) or line[0] == ">":
            break
        if len(line) <= 60 and _CLOSES.fullmatch(line):
            return number
        if _THANKS.fullmatch(line):
            below = [other for other in plain[number + 1 : end] if other]
            if below and any(map(_CONTACT.search, below)):
                thanked = number + 1
            break
        if len(line) > 90 or (_count_words(line) > 7 and line[-1] in ".!?") or line[-1] == "?":
            break
    return end if thanked is None else thanked
