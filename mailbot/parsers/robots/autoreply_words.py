"""What automatic replies say, in many languages: subjects, absence notes, acknowledgements; and what people say.

Each line is a regular expression; capitals do not matter. `docs/reading.md` says how far they go.
"""

from __future__ import annotations

from mailbot.parsers.robots.wording import alternatives, one_of

# What mail programs put before the subject that they answer, or write as the whole subject.
REPLY_TITLES = alternatives(
    r"""
    (?:balasan|jawaban|jawapan|respons?e?|tanggapan|pesan|mesej|surel|e-?mail|balas
    …|auto) (?:secara )?(?:otomatis|automatik|otomatik)
    (?:balas|respon|jawab) otomatis
    auto(?:matic(?:ally)?|mated)?[ -]?(?:e-?mail )?(?:repl(?:y|ies)|response?|responder|answer|acknowledge?ment
    …|notification)
    (?:yahoo!? )?auto[ -]?response
    (?:vacation|holiday|absence|away) (?:auto[ -]?)?(?:reply|response|message|notice|responder|notification)
    automatische (?:antwort|rückantwort|nachricht|eingangsbestätigung)
    automatisch(?:e antwort| antwoord| bericht|e e-?mail)
    auto[ -]?antwort
    auto[ -]?reply
    automatiskt? (?:svar|besked)
    autosvar(?: ved fravær)?
    automaattinen (?:vastaus|poissaoloviesti|viesti)
    automaattivastaus
    réponse (?:automatique|d'absence)
    message (?:automatique|d'absence)
    respuestas? autom[aá]ticas?
    resposta autom[aá]tica
    risposta automatica
    r[aă]spuns automat
    (?:odpowiedź automatyczna|automatyczna odpowiedź|autoodpowiedź)
    (?:automatická|automaticka) (?:odpověď|odpoveď|odpoved)
    automatikus válasz(?:üzenet)?
    otomatik (?:yanıt|cevap|yanit|mesaj)
    αυτόματη απάντηση
    автоматический ответ
    автоответ(?:чик)?
    автоматична відповідь
    自動(?:応答|返信|回覆|回复|答覆)(?:メール|郵件)?
    自动(?:回复|答复|应答)
    자동 ?(?:회신|응답|답장)
    (?:trả lời|phản hồi|thư trả lời) tự động
    (?:การ)?ตอบกลับอัตโนมัติ
    رد تلقائي
    الرد التلقائي
    """
)

# What people let their programs write as a subject while they are away.
AWAY_TITLES = alternatives(
    r"""
    (?:i am |i'm |currently )?out[ -]of[ -](?:the[ -])?office(?: auto[ -]?reply| notification| message| reply)?
    ooo
    (?:away|absent) from (?:my|the) (?:office|desk|mail|e-?mail)
    on (?:annual |maternity |parental )?(?:leave|vacation)
    (?:saya |kami )?(?:sedang |saat ini )?(?:berada )?(?:di ?luar|tidak (?:sedang )?(?:berada )?di|tidak ada di
    …|tidak masuk) (?:kantor|tempat)
    pemberitahuan (?:sedang )?(?:cuti|ketidakhadiran)
    luar pejabat
    di luar pejabat
    abwesenheits(?:notiz|nachricht|meldung|benachrichtigung|info|assistent)
    (?:ich bin )?(?:nicht im büro|außer haus|im urlaub|abwesend)
    abwesenheit
    afwezig(?:heids?(?:bericht|assistent|melding)?)?
    niet (?:aanwezig|op kantoor)
    absence (?:du|de) bureau
    absent(?:e|\(e\))? du bureau
    absence
    je suis absent(?:e|\(e\))?
    (?:estoy )?fuera de (?:la )?oficina
    ausente (?:de la oficina|do escritório)?
    ausência(?: temporária)?
    fora d[oe] escritório
    (?:sono )?(?:fuori (?:ufficio|sede)|assente|assenza)(?: dall'ufficio)?
    frånvaro(?:meddelande)?
    fråvarande
    inte på (?:kontoret|plats)
    fravær(?:sbesked|smelding|ende)?
    ikke til stede
    ute av kontoret
    ikke på kontoret
    poissa(?:olo(?:viesti|ilmoitus)?)?(?: toimistosta)?
    poza biurem
    nieobecno[sś][cć](?: w biurze)?
    jestem nieobecn[ya]
    mimo kancelář
    nepřítomnost(?: v kanceláři)?
    neprítomnos[tť]
    irodán kívül
    házon kívül
    távollét
    ofis dışında(?:yım)?
    izindeyim
    нет на (?:рабочем )?месте
    вне офиса
    отсутствую
    в отпуске
    відсутність на робочому місці
    不在(?:通知|のお知らせ|の(?:ご)?連絡)
    外出中
    休暇(?:中|のお知らせ)
    (?:不在|离开|離開)办公室
    不在辦公室
    休假(?:通知|中)
    외출 ?중
    부재 ?중(?: 알림)?
    vắng mặt
    (?:không có mặt|đang ra ngoài) (?:tại )?văn phòng
    """
)

# Behind "AUTO:", as Notes writes it.
NOTES_REST = one_of(
    r"""
    (?:is|am|are) (?:currently )?(?:out|away|on (?:leave|vacation))
    out of (?:the )?office
    returning
    kembali (?:pada|tanggal|\d)
    tidak (?:berada )?di (?:kantor|tempat)
    di luar kantor
    sedang (?:cuti|dinas)
    (?:re|bls|balas|aw|sv|fwd?)\s?:
    nicht anwesend
    abwesend
    absent
    ausente
    assente
    afwezig
    """
)

# "Budi is out of the office".
NAMED_AWAY = one_of(
    r"""
    [^:?!]{2,60} (?:is (?:currently )?(?:out of (?:the )?office|away from the office|on (?:annual )?leave
    …|on vacation)|ist (?:nicht im büro|abwesend|außer haus)|est absente?)\b
    """
)

# Subjects of ticket systems that acknowledge a mail.
TICKET_TITLES = one_of(
    r"""
    (?:\[[^\]]{1,60}\]\s*:?\s*|re:\s*)?(?:(?:your |new )?(?:support )?(?:ticket|request|case|inquiry|enquiry
    …|incident)s?(?: (?:id|number|no\.?
    …|#))?[ #:\[(]*[\w./-]{0,40}[\])]?\s*[:-]? (?:has been |was |is )?(?:successfully )?(?:received|created
    …|opened|registered|logged|submitted)|we(?:'ve| have) received your (?:request|ticket|e-?mail|message
    …|inquiry|enquiry)|(?:ticket|case|request) (?:received|created|opened|confirmation|acknowledge?ment)
    …|(?:acknowledge?ment|confirmation) of (?:your )?(?:receipt|request|e-?mail|ticket)
    …|thank you for (?:contacting|your (?:request|inquiry|enquiry))|(?:tiket|laporan|permohonan|permintaan
    …|pengaduan|aduan|pesan|e-?mail|surel)(?: (?:anda|bapak/ibu|baru))?[ #:\[(]*[\w./-]{0,40}[\])]?(?: (?:telah
    …|sudah|berhasil))+ (?:kami )?(?:dibuat|diterima|terima|tercatat|teregistrasi|terdaftar|dikirim)
    …|(?:konfirmasi|tanda) (?:penerimaan|terima) (?:tiket|e-?mail|laporan|permohonan|pengaduan|surel)
    …|terima kasih (?:telah|sudah) menghubungi)
    """
)

# … and their sentences.
TICKET_WORDS = one_of(
    r"""
    \b(?:tiket|ticket|laporan|permohonan|permintaan|pengaduan|aduan)(?: (?:bantuan|dukungan
    …|support))?(?: (?:anda|bapak\s?/\s?ibu|saudara))?(?: (?:nomor|no\.?|dengan nomor|number
    …|id))?\s?[#:(\[]*\s?(?=[\w./-]*\d)[\w./-]{2,40}[\])]?\s(?:telah|sudah|berhasil)(?: (?:kami
    …|berhasil))? (?:dibuat|diterima|terima|tercatat|terdaftar|diteruskan)
    \b(?:nomor|no\.?|kode|id) (?:tiket|ticket|laporan|pengaduan|registrasi)(?: (?:anda|bapak\s?/\s?ibu
    …|saudara))?(?: adalah| ialah)?\s?[:#=]*\s?[\[(#]*(?=[\w./-]*\d)[\w./-]{2,40}
    \b(?:a (?:new )?(?:support )?)(?:ticket|case|request) (?:has been|was) (?:created|opened|registered|logged)
    \byour (?:support )?(?:ticket|request|case|inquiry|enquiry|message|e-?mail)(?: (?:id|number
    …|no\.?))?\s?[#(\[]{0,3}[\w./-]{0,40}[\])]? (?:has been|was) (?:received|created|opened|registered|logged
    …|successfully)
    \bwe (?:have )?received your (?:request|message|e-?mail|inquiry|enquiry|ticket)
    \b(?:ticket|case|reference|request) (?:number|id|no\.?)\s?(?:is|:)?\s?[#:\[(]*(?=[\w./-]*\d)[\w./-]{2,40}
    """
)

THANKS_CONTACT = one_of(
    r"""
    \b(?:terima ?kasih|thank you|thanks|vielen dank|merci|gracias|obrigad[oa]|bedankt
    …|grazie)\b[^.!?]{0,40}\b(?:menghubungi|contacting|for your (?:request|message|e-?mail|inquiry|enquiry)
    …|atas (?:laporan|pengaduan|permohonan|pertanyaan|e-?mail|pesan|surel)|for reaching out|kontaktier|contacté
    …|contactar)
    """
)

WILL_BE_HANDLED = one_of(
    r"""
    \bakan (?:segera )?(?:kami )?(?:di)?(?:tindak ?lanjuti|proses|balas|respons?|tanggapi|jawab|menghubungi
    …|menindaklanjuti|memproses)
    \b(?:petugas|tim|staf|agen|admin|customer service|operator)(?: \w{1,20}){0,3} (?:kami )?akan
    \b(?:will|shall) (?:be (?:reviewed|answered|processed|handled)|respond|reply|get back|contact|review)
    \bas soon as possible
    \bwithin \d{1,3} (?:hours?|(?:business |working )?days?)
    \b(?:dalam|selambat-lambatnya|maksimal)[^.]{0,20}\d{1,3} ?(?:x ?24 )?(?:jam|hari)
    """
)

# An automatic mail says so itself.
SAYS_AUTOMATIC = one_of(
    r"""
    \b(?:pesan|e-?mail|surel|surat|balasan|jawaban|notifikasi
    …|pemberitahuan) ini (?:adalah |merupakan )?(?:di(?:kirim|kirimkan|buat|hasilkan|balas|jawab)|terkirim
    …|balasan|jawaban|pesan|notifikasi|e-?mail)(?: yang)?(?: di(?:kirim|buat|hasilkan)(?:kan)?
    …| terkirim)? ?(?:secara )?(?:otomatis|automatis)
    \b(?:ini (?:adalah|merupakan) )(?:pesan|e-?mail|surel|balasan|jawaban|respons?
    …|notifikasi)(?: yang (?:dikirim|dibuat))? ?(?:secara )?otomatis
    \b(?:(?:mohon|harap|silakan|dimohon)(?: untuk)? tidak|jangan|tidak perlu) (?:membalas|balas|me-?reply
    …|reply) (?:ke )?(?:pesan|e-?mail|surel|alamat|surat) (?:e-?mail )?ini(?:\s*(?:[.!)*]|\Z|-)|,? (?:karena
    …|sebab)[^.]{0,80}(?:otomatis|sistem|dipantau|dibaca|no-?reply))
    \b(?:pesan|e-?mail|surel) ini tidak (?:perlu|untuk|dapat) dibalas
    \bthis is an? (?:automated|automatic|automatically generated|auto-?generated
    …|auto-?) ?(?:generated )?(?:message|e-?mail|reply|response|notification|acknowledge?ment)
    \bthis (?:message|e-?mail|reply|response|notification) (?:is|was|has been) (?:automatically (?:generated
    …|sent)|(?:generated|sent) automatically|auto-?generated|an (?:automatic|automated) (?:reply|response
    …|message))
    \b(?:please )?do not (?:reply|respond) (?:directly )?to this (?:e-?mail|message|mail)
    \bdies(?:e(?:s|r)?)? (?:ist eine automatische|e-?mail wurde automatisch|nachricht wurde automatisch)
    \bceci est (?:une réponse|un message) automatique
    \beste es un (?:mensaje|correo) automático
    \besta é uma (?:resposta|mensagem) automática
    \bquesto è un messaggio automatico
    \bdit is een automatisch (?:antwoord|bericht)
    \bto jest (?:automatyczna|wiadomość wygenerowana automatycznie)
    \bэто автоматическ(?:ое|ий)
    このメールは(?:システムより)?自動
    本メールは自動
    这是(?:一封)?自动
    此(?:邮件|郵件)(?:为|為|由)?(?:系统|系統)?自(?:动|動)
    자동으로 발송
    자동 ?(?:회신|응답)
    """
)

# "… telah kami terima dengan nomor", up to where the number begins.
RECEIVED = one_of(
    r"""
    \b(?:e-?mail|surel|pesan|laporan|permohonan|permintaan|tiket|pengaduan|aduan|pertanyaan)\s(?:dari\s)?(?:anda
    …|bapak\s?/\s?ibu|saudara)\s(?:telah|sudah|berhasil)\s(?:kami\s)?(?:kami|diterima|terima|tercatat
    …|terdaftar)\s?(?:terima)?\s?(?:dan\s\w{1,20}\s)?dengan\s(?:nomor|no\.?|kode|id)\b
    """
)

# "Pesan Anda telah kami terima", without a number.
HAS_COME = one_of(
    r"""
    \b(?:e-?mail|surel|pesan|laporan|permohonan|permintaan|pengaduan|aduan|pertanyaan)\s(?:anda|bapak\s?/\s?ibu
    …|saudara)\s(?:telah|sudah)\s(?:kami\s)?(?:diterima|terima)\b
    \bwe(?:'ve| have)? received your (?:e-?mail|message|inquiry|enquiry)\b
    \byour (?:e-?mail|message|inquiry|enquiry) (?:has been|was) received\b
    """
)

# Read receipts that come as plain text.
READ_TITLES = one_of(
    r"""
    (?:not )?read\s?:
    (?:tidak |belum )?dibaca\s?:
    (?:un)?gelesen\s?:
    (?:non )?lu\s?:
    """
)
WAS_READ = one_of(
    r"""
    \byour message\b.{0,400}\bwas (?:read on|deleted without being read)\b
    \bpesan anda\b.{0,400}\b(?:(?:telah|sudah) dibaca pada|dihapus tanpa dibaca)\b
    \bihre nachricht\b.{0,400}\b(?:wurde gelesen|ungelesen gelöscht|wurde am .{0,80} gelesen)\b
    \bvotre message\b.{0,400}\b(?:a été lu|a été supprimé sans)\b
    """
)

# "Terima kasih atas email Anda."
THANKS = one_of(
    r"""
    \bterima ?kasih (?:banyak )?(?:atas|untuk|telah|sudah)[^.!?]{0,30}\b(?:e-?mail|surel|pesan|surat|menghubungi
    …|mengirim)\w*
    \bthank(?:s| you)(?: very much| so much)? for (?:your|the) (?:e-?mail|message|mail|note|contacting)
    \b(?:vielen )?dank für (?:ihre|deine|die) (?:e-?mail|nachricht|mail)
    \bmerci (?:de|pour) votre (?:e-?mail|message|courriel|mail)
    \bgracias por (?:su|tu) (?:correo|mensaje|e-?mail)
    \bobrigad[oa] (?:pelo|pela) (?:seu|sua)? ?(?:e-?mail|mensagem|contat?o)
    \bbedankt voor (?:uw|je|het) (?:e-?mail|bericht|mail)
    \bgrazie per (?:la (?:sua|tua)|il (?:suo|tuo)) (?:e-?mail|messaggio|mail)
    \bdziękuję za (?:wiadomość|e-?mail|maila)
    \btack för (?:ditt|din|ert) (?:mail|e-?post|meddelande|mejl)
    \btak for (?:din|deres) (?:mail|e-?mail|besked)
    \btakk for (?:din|e-?posten|meldingen)
    \bkiitos (?:viestistäsi|sähköpostistasi)
    \bděkuji za (?:váš |vaši )?(?:e-?mail|zprávu)
    \bköszönöm (?:az )?(?:e-?mailjét|levelét|üzenetét)
    \b(?:mesajınız|e-?postanız) için teşekkür
    \bспасибо за (?:ваше )?(?:письмо|сообщение)
    \bterima kasih (?:di)?atas e-?mel
    \bcảm ơn (?:bạn )?đã (?:gửi|liên hệ)
    \b感谢您的(?:来信|邮件)
    \b感謝您的(?:來信|郵件)
    \bメールをいただきありがとう
    \bご連絡ありがとう
    \b메일(?:을)? (?:보내|주셔서)
    \be-?mel anda
    """
)

# "Saya sedang cuti."
AWAY = one_of(
    r"""
    \b(?:saya|kami)?,? ?(?:saat ini |pada saat ini |untuk sementara |sementara ini )?,? ?(?:saya |kami )?
    …(?:sedang |masih |akan )(?:berada )?(?:cuti|dalam (?:masa )?(?:cuti|perjalanan|dinas)|dinas luar|tugas luar
    …|tugas belajar|di luar (?:kantor|kota|negeri)|tidak (?:berada |ada )?di (?:kantor|tempat)|perjalanan dinas
    …|diklat|izin|libur|mengikuti (?:diklat|pelatihan|bimtek|rapat)|(?:melaksanakan|menjalani|menjalankan
    …|mengambil|menunaikan) (?:cuti|dinas|perjalanan dinas|tugas luar|tugas dinas|tugas belajar|ibadah|haji
    …|umrah|diklat))
    \b(?:saya|kami) tidak (?:sedang )?(?:berada |ada )?di (?:kantor|tempat)
    \b(?:saya|kami) (?:cuti|libur|dinas luar|tidak (?:masuk|dapat membuka e-?mail|dapat mengakses e-?mail))
    \bkantor (?:kami )?(?:sedang )?(?:tutup|libur)
    \bi(?: am|.m)(?: currently| presently)? (?:out of (?:the )?office|away
    …|on (?:annual |sick |maternity |parental |paternity |study )?(?:leave|vacation|holiday)|travell?ing
    …|not in (?:the )?office|out of (?:the )?country|absent)
    \bi (?:will|.ll) be (?:out of (?:the )?office|away|on (?:annual )?(?:leave|vacation|holiday)|travell?ing
    …|unavailable)
    \b(?:our|the) office (?:is|will be) closed
    \bich bin (?:derzeit |zurzeit |zur zeit |momentan |vom |bis |ab |aktuell )?.{0,40}(?:nicht im (?:büro|haus)
    …|abwesend|außer haus|im urlaub|nicht erreichbar)
    \bje (?:suis|serai) (?:actuellement )?(?:absente?|en congés?|en vacances|en déplacement|hors du bureau)
    \b(?:estoy|estaré|me encuentro) (?:actualmente )?(?:fuera de (?:la )?oficina|ausente|de vacaciones|de viaje)
    \b(?:estou|estarei) (?:atualmente )?(?:fora do escritório|ausente|de férias|em viagem)
    \bik ben (?:momenteel |op dit moment |tot )?.{0,40}(?:afwezig|niet aanwezig|niet op kantoor|met vakantie
    …|op vakantie)
    \b(?:sono|sarò) (?:attualmente )?(?:fuori (?:ufficio|sede)|assente|in ferie|in vacanza)
    \bjestem (?:obecnie )?(?:nieobecn[ya]|na urlopie|poza biurem)
    \bjag är (?:för närvarande )?(?:inte på (?:kontoret|plats)|ledig|bortrest|på semester|frånvarande)
    \bjeg er (?:for tiden |i øjeblikket )?(?:ikke (?:på kontoret|til stede)|på ferie|bortrejst|fraværende)
    \bolen (?:tällä hetkellä )?(?:poissa|lomalla|vuosilomalla)
    \bjsem (?:momentálně )?(?:mimo kancelář|na dovolené|nepřítom)
    \b(?:jelenleg )?(?:szabadságon vagyok|nem vagyok az irodában|házon kívül)
    \b(?:şu anda )?(?:ofis dışındayım|izindeyim|tatildeyim|yıllık izin)
    \b(?:я )?(?:нахожусь|сейчас|буду) (?:в отпуске|вне офиса|в командировке|отсутств)
    \bменя нет (?:в офисе|на месте)
    \btôi (?:hiện )?(?:đang )?(?:vắng mặt|nghỉ phép|không có mặt|đi công tác)
    \bsaya (?:sedang )?(?:bercuti|berada di luar pejabat)
    不在にして
    不在となり
    休暇(?:中|を(?:いただ|頂)|のため)
    出張(?:中|のため|で)
    休假
    不在办公室
    不在辦公室
    출장 ?중
    휴가 ?중
    부재 ?중
    자리를 비
    """
)

# "… sampai tanggal 5", "akses email terbatas".
RETURN = one_of(
    r"""
    \b(?:sampai|hingga|s\.?/?d\.?) (?:dengan )?(?:tanggal|tgl\.?|hari|\d{1,2}\b|senin|selasa|rabu|kamis|jumat
    …|sabtu|minggu|waktu|akhir|awal|pertengahan|bulan|besok|lusa|jan|feb|mar|apr|mei|jun|jul|agu|sep|okt|nov
    …|des)
    \b(?:akan )?kembali (?:(?:aktif|bertugas|bekerja|masuk|berada|ke kantor|pada|di kantor|tanggal
    …|masuk kerja)\b|\d)
    \bsetelah (?:saya |kami )?(?:kembali|cuti|masuk)
    \bakses (?:ke )?e-?mail[^.]{0,20}terbatas
    \b(?:mulai|dari|sejak|tanggal|tgl)[^.]{0,40}(?:sampai|hingga|s\.?/?d\.?|-|–)
    \b(?:until|till|through|returning|return(?:ing)? (?:on|to)|back (?:on|in|at)|when i (?:return|am back
    …|get back)|upon my return|after my return|limited access|no access|intermittent access|from .{2,30} (?:to
    …|until|through))\b
    \bbis (?:zum|einschließlich|\d)
    \bab (?:dem )?\d
    \bwieder (?:erreichbar|im büro|da)
    \bjusqu.au
    \bà partir du
    \bde retour
    \bà mon retour
    \bhasta el
    \ba mi (?:regreso|vuelta)
    \bregres\w{1,5} el
    \baté (?:o dia|dia|\d)
    \bno meu regresso
    \bretornar\w{0,3}
    \btot (?:en met)?
    \bterug op
    \bfino al
    \bal mio rientro
    \brientr\w{1,4}
    \bdo dnia
    \bpo powrocie
    \bwracam
    \btill och med
    \btillbaka
    \btilbage
    \btilbake
    \btil og med
    \basti
    \bpalaan
    \bdo \d
    \bvrátím
    \bzpět
    \bvisszaérkez\w*
    \btarihine kadar
    \bdönece\w*
    \bdöndüğümde
    \bдо \d
    \bпосле возвращения
    \bвернусь
    \bđến ngày
    \btrở lại
    \bsehingga
    まで
    以降
    戻り
    返回
    回来
    回來
    까지
    복귀
    """
)

# "Untuk hal mendesak …"
URGENT = one_of(
    r"""
    \b(?:untuk|apabila|bila|jika|dalam|kalau) (?:ada )?(?:hal(?:-hal)?|keperluan|urusan|keadaan|kepentingan
    …|sesuatu|pertanyaan|kebutuhan|informasi)(?: yang)?[^.]{0,40}(?:mendesak|penting|darurat|segera|urgent
    …|urgen)
    \b(?:for|in case of|if (?:it is|this is|you (?:have|need|require)|your)|should you (?:have|need
    …|require))[^.]{0,60}(?:urgent|immediate|emergenc)
    \burgent (?:matters?|issues?|requests?|cases?)
    \bin dringenden (?:fällen|angelegenheiten)
    \ben cas d.urgence
    \b(?:para|en|por) (?:asuntos|casos?|temas) urgentes?
    \b(?:em caso de urgência|(?:para )?assuntos urgentes)
    \bvoor dringende
    \bin dringende
    \bper (?:urgenze|questioni urgenti|emergenze)
    \bin caso di urgenza
    \bw (?:pilnych )?sprawach pilnych
    \bw pilnych sprawach
    \bvid (?:brådskande|akuta)
    \bbrådskande ärenden
    \bved hastende
    \bhastesaker
    \bkiireellisissä
    \bv naléhavých
    \bsürgős
    \bacil
    \bпо срочным
    \btrường hợp khẩn
    \bhal (?:mustahak|segera)
    緊急
    お急ぎ
    紧急
    急事
    急件
    급한
    긴급
    """
)

# "… silakan hubungi …"
INSTEAD = one_of(
    r"""
    \b(?:silakan|silahkan|mohon|dapat|harap|sila) (?:dapat )?(?:menghubungi|hubungi|kontak|disampaikan kepada
    …|ditujukan)
    \b(?:please )?(?:contact|call|reach out to|refer to|e-?mail) (?:my|our|mr|ms|mrs|the|\w+ at)
    \b(?:wenden sie sich|kontaktieren sie)
    \b(?:veuillez|merci de|vous pouvez) contacter
    \bcontact(?:e|ar)?e? (?:con|a|o)\b
    \bneem (?:dan )?contact
    \b(?:può|potete|si prega di) contattare
    \b(?:proszę o kontakt|proszę kontaktować)
    \bkontakta
    \bkontakt(?:e|er)?\s
    \bottakaa yhteyttä
    \bota yhteyttä
    \bkontaktujte
    \bобращайтесь
    \bliên hệ
    まで(?:ご連絡|お願い)
    请联系
    請聯絡
    請聯繫
    연락
    """
)

# "Email Anda akan saya balas."
WILL_ANSWER = one_of(
    r"""
    \b(?:e-?mail|surel|pesan|surat)(?: (?:anda|bapak/ibu|saudara|tersebut|ini))? (?:akan|baru akan|baru dapat
    …|tidak dapat)[^.]{0,20}(?:saya|kami|di)? ?(?:balas|baca|jawab|respons?|tanggapi|tindak ?lanjuti|proses
    …|buka)
    \b(?:akan|baru (?:akan|dapat)|tidak dapat|belum dapat) (?:segera )?(?:saya |kami )?(?:mem|men|me
    …|di)?(?:balas|baca|jawab|respons?|tanggapi|anggapi)[^.]{0,30}(?:e-?mail|surel|pesan|surat|anda|kembali
    …|setelah)
    \bselama [^.]{0,40}(?:tidak|belum) (?:dapat|bisa) (?:mengakses|membuka|mengecek|memeriksa|membalas) (?:e-?mail
    …|surel|pesan)
    \b(?:will|shall|.ll|may) (?:not )?(?:be )?(?:respond|repl(?:y|ied)|answer|read|get back
    …|return)[^.]{0,60}(?:e-?mail|message|you|return|back|possible)
    \bnot be (?:able to )?(?:respond|reply|answer|check)\w*
    \b(?:werde|beantworte|werden)[^.]{0,60}(?:e-?mail|nachricht|mail|beantwort|weitergeleitet)
    \brépondr\w{1,4}[^.]{0,40}(?:message|retour|mail)
    \bresponder[ée]\w{0,3}
    \bresponder(?:ei|e)
    \bbeantwoord
    \brisponder[òo]
    \bodpowiem
    \bodpiszę
    \bsvarar?
    \bvastaan
    \bodpovím
    \bválaszol\w*
    \byanıtlayaca\w*
    \bотвечу
    """
)

# Nobody says "Pak," to whoever may write.
VOCATIVE = one_of(
    r"""
    (?:\A|[\s,])(?:pak|bu|mas|mbak|mba|kak|min|bang|gan|bos)(?: [a-z]{2,15})?\s?(?:,|\.|!|\Z)
    \A(?:pak|bu|mas|mbak|kak|min)\b(?!/)
    """
)

# Who writes these wants something, or speaks of the matter in hand.
ASKS = one_of(
    r"""
    \?(?:\s|\Z|[\"')])
    \btolong\b
    \bkenapa\b
    \bmengapa\b
    \bknp\b
    \bgimana\b
    \bbagaimana\b
    \bbgmn\b
    \bapakah\b
    \bkapan\b
    \bmohon (?!maaf|tidak|untuk (?:tidak|menghubungi)|jangan|(?:dapat )?(?:meng)?hubungi|(?:dapat )?di ?hubungi
    …|(?:di)?tunggu|menunggu|bersabar|pengertian|doa|kontak|(?:dapat )?(?:disampaikan|ditujukan
    …|menyampaikan) (?:ke|kepada))\b
    \bminta (?:tolong|bantu\w*|info\w*|reset|data)\b
    \berror\b
    \bgagal\b
    \btidak (?:bisa|dapat|bs) (?:login|masuk|upload|unggah|akses|di\w{3,12})\b
    \btdk bisa\b
    \bnggak\b
    \bgak\b
    \bga bisa\b
    \bbelum bisa\b
    \bpenawaran\b
    \btender\b
    \bnpwp\b
    \bspse\b
    \bsikap\b
    \buser ?id\b
    \bpassword\b
    \bkata sandi\b
    \bpaket\b
    \bterlampir\b
    \blampir\w*\b
    \bsaya kirim\w*\b
    \bkami kirim\w*\b
    \bakan (?:saya|kami) kirim\w*\b
    \bberikut (?:saya|kami|ini|data)\b
    \bsudah (?:saya|kami) (?:coba|kirim|lakukan|cek|isi)\b
    \battached\b
    \battachment\b
    \bscreenshot\b
    \bcould you\b
    \bcan you\b
    \bi need\b
    \bhelp me\b
    \bplease (?:help|advise|reset|send|check)\b
    """
)

# A person who tells of a machine.
PERSONAL = one_of(
    r"""
    \b(?:saya|sy|aku) (?:dapat|dpt|terima|mendapat\w*|menerima|tidak|tdk|belum|blm|sudah|sdh|mau|ingin|coba
    …|mencoba|bingung|punya|lupa|mohon|minta|butuh)\b
    \b(?:admin|helpdesk|min|lpse)\b[^.]{0,20},
    \b(?:ini|begini) (?:isinya|bunyinya|tulisannya|pesannya|emailnya|balasannya)\b
    \bmental\b
    \bmaksudnya\b
    \b(?:saya|sy|kami) (?:menerima|mendapat\w*|dapat|dpt) (?:e-?mail|surat|balasan|jawaban|pesan
    …|notifikasi)(?! (?:anda|bapak|saudara|dari (?:anda|bapak|saudara)))
    """
)

# How people begin who pass a machine's words on.
PLEADS = one_of(
    r"""
    \btolong\b
    \bkenapa\b
    \bmengapa\b
    \bgimana\b
    \bbagaimana\b
    \bapakah\b
    \bmohon (?:bantu\w*|info\w*|solusi\w*|penjelasan|petunjuk|arahan|dibantu|dicek)\b
    \bminta (?:tolong|bantu\w*)\b
    \b(?:selamat|met) (?:pagi|siang|sore|malam)\b
    \bassalam\w*\b
    \bdear\b
    \bhello\b
    \bhi all\b
    \byth\.?\b
    \bdengan hormat\b
    \bplease (?:help|advise)\b
    \bcould you\b
    \bcan you help\b
    \bi (?:tried|sent|got|received)\b
    """
)
