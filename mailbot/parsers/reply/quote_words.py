"""The words by which mail programs introduce a quote, in the languages that reach an Indonesian office.

Data only; what is made of it is in `quote_heads`. All words are casefolded, and compared so. They are taken from
the programs' own translations: Gmail, Outlook, Yahoo, Apple Mail, Thunderbird, Zimbra, Roundcube, K-9, SOGo,
SnappyMail, Samsung, BlackBerry, Notes, Horde, Zoho, Yandex, QQ, NetEase.
"""

from __future__ import annotations


def listed(joined: str) -> frozenset[str]:
    """The words of a list that is written with "|" between them."""
    return frozenset(joined.split("|"))


# What a head may begin with before its date: "Pada Sen, 3 Mar", "On Mon", "Am 3.3.", "Le 3 mars", "Em seg.".
STARTERS = (
    "pada|on|am|at|le|la|op|el|em|il giorno|il|in data|den|d\\.|på|w dniu|dnia|dne|dňa|vào lúc|vào|lúc|în data de|pe"
    "|na|u|le lun|tarikh|tanggal|tgl|ngày|kl|в|от|a"
)

# "… wrote": what stands last in the line, or between date and name.
VERBS = (
    # Indonesian and Malay, English
    "telah menulis|menulis|tulis|ditulis|wrote|writes|has written|sent"
    # German, French, Dutch
    "|schrieb|schreibt|hat geschrieben|geschrieben|a écrit|a ecrit|écrit|écrivait|schreef|geschreven"
    # Spanish, Portuguese, Italian, Romanian
    "|escribió|escribio|escribiste|escreveu|ha scritto|scritto|scrisse|a scris"
    # Scandinavian, Finnish
    "|skrev følgende|skrev|skrifaði|kirjoitti"
    # Polish, Czech, Slovak, Croatian, Hungarian, Turkish
    "|napisał\\(a\\)|napisał|napisała|pisze|napsal\\(a\\)|napsal|napsala|napísal|napísala|napisao"
    "|napisao/la|je napisao"
    "|ezt írta|írta|şunu yazdı|yazdı"
    # Russian, Ukrainian, Vietnamese
    "|написал\\(а\\)|написал|написала|пишет|писал|пише|написав|đã viết|viết"
)
# Written without blanks around them.
VERBS_CJK = "写道|寫道|写到|寫到|写了|のメール|wrote|작성|님이 씀|작성함"

# Between rules: "-----Pesan Asli-----". Those of forwards are told apart: their text may be the point of the mail.
ORIGINALS = listed(
    "pesan asli|pesan orisinal|pesan asal|mesej asal|original message|original appointment|original|reply message"
    "|original mail|ursprüngliche nachricht|originalnachricht|antwort nachricht|ursprünglicher termin"
    "|message d'origine|message d’origine|message original|message initial|oorspronkelijk bericht"
    "|origineel bericht|mensaje original|mensagem original|messaggio originale|oryginalna wiadomość"
    "|wiadomość oryginalna|исходное сообщение|оригинальное сообщение|вихідне повідомлення|ursprungligt meddelande"
    "|originalmeddelande|oprindelig meddelelse|oprindelig besked|opprinnelig melding|alkuperäinen viesti"
    "|eredeti üzenet|původní zpráva|pôvodná správa|mesaj original|orijinal mesaj|özgün ileti|izvorna poruka"
    "|thư gốc|tin nhắn gốc|原始邮件|原始郵件|原邮件|原郵件|原始信件|回复的原邮件|元のメッセージ"
    "|オリジナルメッセージ|원본 메일|원본 메시지|원래 메시지"
)
FORWARDS = listed(
    "pesan terusan|pesan diteruskan|pesan yang diteruskan|pesan yang dimajukan|mesej dimajukan|terusan"
    "|forwarded message|forwarded mail|forwarded email|forwarded|weitergeleitete nachricht|message transféré"
    "|message transmis|message réexpédié|doorgestuurd bericht|mensaje reenviado|mensagem reencaminhada"
    "|mensagem encaminhada|messaggio inoltrato|przekazana wiadomość|treść przekazanej wiadomości"
    "|wiadomość przesłana dalej|пересылаемое сообщение|перенаправленное сообщение|пересланное сообщение"
    "|перенаправлене повідомлення|переслане повідомлення|vidarebefordrat meddelande|vidarebefordrat mejl"
    "|videresendt meddelelse|videresendt besked|videresendt melding|edelleenlähetetty viesti|välitetty viesti"
    "|välitetty viesti / fwd.msg|továbbított üzenet|továbbított levél|přeposlaná zpráva|preposlaná správa"
    "|preposlaná správa --- forwarded message|mesaj redirecționat|mesaj redirecţionat|proslijeđena poruka"
    "|iletilmiş mesaj|i̇letilmiş mesaj|i̇letilen i̇leti|iletilen ileti|thư chuyển tiếp|tin nhắn được chuyển tiếp"
    "|转发的邮件|转发邮件|轉寄的郵件|轉寄郵件|転送メッセージ|転送されたメッセージ|メッセージを転送"
    "|전달된 메일|전달된 메시지"
)
# The same with the name of who forwards: "----- Forwarded by Budi/LPSE on 03/03/2025 10:12 -----" (Notes).
FORWARDED_BY = ("forwarded by ", "diteruskan oleh ", "weitergeleitet von ", "réexpédié par ", "reenviado por ")
# Without rules, with a colon: Apple Mail, MailMate.
BARE_FORWARDS = listed(
    "begin forwarded message|forwarded message|mulai pesan yang diteruskan|mulai pesan terusan|awal pesan terusan"
    "|awal pesan yang diteruskan|mulai mesej yang dimajukan|anfang der weitergeleiteten nachricht"
    "|début du message réexpédié|début du message transféré|begin doorgestuurd bericht"
    "|inicio del mensaje reenviado|início da mensagem reencaminhada|início da mensagem encaminhada"
    "|inizio messaggio inoltrato|początek przekazywanej wiadomości|начало переадресованного сообщения"
    "|початок листа, що пересилається|vidarebefordrat mejl|start på videresendt besked|videresendt melding"
    "|välitetty viesti alkaa|továbbított levél kezdete|začátek přeposílané zprávy|začiatok preposlanej správy"
    "|începe mesajul redirecționat|započni proslijeđenu poruku|i̇leti başlangıcı|ileti başlangıcı"
    "|bắt đầu thư được chuyển tiếp|下面是被转发的邮件|以下是转发的邮件|開始轉寄郵件|転送されたメッセージ"
    "|전달된 메시지"
)
# "Mengutip Budi <b@x.id>:" (Horde, Roundcube in some offices)
QUOTING = "mengutip|quoting|zitat von|citando a|citando|quoted from|citaat van|citerar|selon"

# The labels of a block of headers, by what they say.
LABELS: dict[str, str] = {
    **dict.fromkeys(
        listed(
            "dari|pengirim|daripada|from|von|de|van|da|od|fra|från|lähettäjä|feladó|expeditorul|de la|от"
            "|отправитель|від|від кого|kimden|gönderen|šalje|saatja|mittente|nadawca|expéditeur|remitente"
            "|afzender|absender|từ|người gửi|发件人|發件人|寄件者|寄件人|差出人|送信元|送信者|보낸 사람|보낸사람"
        ),
        "from",
    ),
    **dict.fromkeys(
        listed(
            "dikirim|terkirim|dikirim pada|tanggal|tgl|waktu|tarikh|dihantar|sent|date|gesendet|datum|envoyé"
            "|envoyé le|date d'envoi|verzonden|enviado|enviado el|enviado em|enviada|enviada em|enviado a las"
            "|fecha|data|inviato|wysłano|wysłane|отправлено|дата|дата отправки|надіслано|skickat|sendt|sendt den"
            "|dato|lähetetty|päiväys|päivämäärä|pvm|elküldve|dátum|odesláno|odoslané|trimis|gönderildi"
            "|gönderilme tarihi|tarih|poslano|kuupäev|đã gửi|ngày|发送时间|發送時間|寄件日期|傳送時間"
            "|日期|时间|時間|日時|送信日時|日付|보낸 날짜"
            "|날짜|보낸날짜|message du|dikirim tanggal|tanggal kirim|sent on|received|diterima"
        ),
        "date",
    ),
    **dict.fromkeys(
        listed(
            "kepada|ke|untuk|penerima|to|an|à|aan|para|a|do|komu|til|till|vastaanottaja|címzett|destinatarul"
            "|către|кому|кому|kime|prima|pour|adresat|alıcı|pre|đến|tới|người nhận|destinataire|destinatario|收件人"
            "|收件者|宛先|送信先|받는 사람|받는사람"
        ),
        "to",
    ),
    **dict.fromkeys(
        listed(
            "subjek|perihal|hal|subyek|judul|subject|betreff|objet|sujet|onderwerp|asunto|assunto|oggetto|temat"
            "|тема|ämne|emne|aihe|tárgy|předmět|predmet|subiect|subiectul|konu|naslov|teema|chủ đề|tiêu đề|主题|主題"
            "|主旨|件名|제목|re"
        ),
        "subject",
    ),
    **dict.fromkeys(
        listed(
            "cc|bcc|tembusan|kopie|kopi|copie|copie à|copia|kopia|kopio|копия|cc:|kopija|bilgi|salin|salinan|dw"
            "|másolat|kopie (cc)|抄送|副本|참조|reply-to|reply to|balas ke|antwort an|répondre à|responder a|risposta"
            "|rispondi a|antwoord aan|svar til|svara till|importance|kepentingan|prioritas|priority|attachments"
            "|attachment|lampiran|anlagen|pièces jointes|organization|organisasi|wichtigkeit|sensitivity"
            "|mailing list|newsgroups|odpověď na|odgovori na|vastaus|válaszcím|odpowiedź-do|răspuns către"
            "|ответ-кому|odpovedať-pre|yanıt adresi|кому відповісти|message-id|in-reply-to|user-agent|when|where"
            "|required attendees"
        ),
        "other",
    ),
}

MONTHS = (
    "jan|feb|mar|mär|mrt|apr|avr|abr|mei|mai|may|maj|mag|jun|juin|giu|jul|juil|lug|agu|ags|aug|ago|aoû"
    "|août|sep|set|okt"
    "|oct|out|ott|nov|des|dec|dez|dic|déc|gen|ene|fév|fev|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|янв|фев|мар|апр|мая"
    "|июн|июл|авг|сен|окт|ноя|дек|серп|tháng"
)

# A reply that points at answers further down, where no sign tells quote and answer apart.
POINTS_BELOW = (
    # "jawaban kami di bawah", "saya jawab langsung di badan e-mail", "tulisan merah"
    r"\b(?:jawab|balas|tanggap|komentar|isian|isi|lihat|penjelas|keterangan|koreksi|jawaban"
    r"|tulis)\w{0,6}\b[^.\n]{0,60}"
    r"\b(?:di ?bawah|berikut di bawah|(?:warna|tinta|tulisan|huruf) (?:merah|biru|hijau|tebal)|di sela|di antara"
    r"|di dalam (?:e-?mail|teks|kutipan)|di badan e-?mail|inline)\b"
    r"|\b(?:warna|tinta|tulisan|huruf) (?:merah|biru|hijau)\b"
    r"|\b(?:answer|repl|comment|respon|see|find)\w{0,6}\b[^.\n]{0,60}\b(?:below|inline|in-line|in (?:red|blue|green"
    r"|bold))\b"
    r"|\b(?:siehe|antwort\w{0,3})\b[^.\n]{0,40}\b(?:unten|inline)\b|\b(?:voir"
    r"|répons\w{0,3})\b[^.\n]{0,40}\bci-dessous\b"
)
