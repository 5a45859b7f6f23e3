"""What delivery reports say: their subjects, their layout, the reasons they give.

Each line is a regular expression; capitals do not matter. `docs/reading.md` says how far they go.
"""

from __future__ import annotations

from mailbot.parsers.robots.wording import alternatives, one_of

# The beginning of a report's subject.
TITLES = alternatives(
    r"""
    undeliver(?:ed|able)\b
    (?:mail|message|e-?mail) (?:delivery|status) (?:failed|failure|failed|report|error|system|problem|warning
    …|status|notification|subsystem|delayed)
    delivery (?:status )?(?:notification|report)
    delivery (?:has )?(?:failed|failure|delayed|error|problem|incomplete)
    non[- ]?delivery (?:report|notification)
    failure (?:notice|delivery)
    failed (?:mail|delivery|to deliver)
    returned (?:mail|to sender|message|e-?mail)
    returning message to sender
    mail (?:system error|returned|could not|not delivered|undeliverable|failure|error)
    (?:your )?(?:message|mail|e-?mail) (?:not|could not be|was not|cannot be|has not been
    …|wasn.t) (?:yet )?(?:be )?(?:been )?(?:delivered|sent)
    (?:your )?message (?:to|you sent) .{0,200}(?:delayed|blocked|failed|returned|rejected)
    unzustellbar
    (?:nachricht|e-?mail|mail) (?:ist )?(?:nicht zugestellt|unzustellbar)
    zustell(?:ung|fehler|problem)
    rücksendung
    (?:message )?non[ -](?:remis|livré|distribué)
    (?:échec|erreur) (?:de |d')?(?:la )?(?:remise|distribution|livraison|envoi)
    (?:no se puede|no se pudo) entregar
    correo (?:no entregado|devuelto)
    mensaje no entregado
    (?:error|fallo) (?:de|en la) entrega
    onbestelbaar
    niet (?:bezorgd|afgeleverd)
    non recapitabile
    mancato recapito
    (?:impossibile|mancata) (?:recapitare|consegna)
    não (?:entregue|foi entregue)
    não é possível entregar
    falha (?:na|de) entrega
    niedostarcz\w{1,8}
    nie można dostarczyć
    kan inte levereras
    olevererbar\w{0,3}
    det gick inte att leverera
    kan ikke leveres
    uleverbar\w{0,3}
    ei voitu toimittaa
    nedoručiteln\w{1,3}
    kézbesíthetetlen
    teslim edileme\w{1,6}
    iletileme\w{1,6}
    недоставлен\w{0,5}
    не удается доставить
    сообщение не доставлено
    配信(?:不能|エラー|できません|不可)
    配信できませんでした
    メール(?:エラー|が?配信できません)
    メッセージを配信できません
    未送達
    无法(?:投递|送达|传递)
    退信
    系统退信
    未傳遞
    無法傳遞
    無法投遞
    배달되지 않음
    전달되지 않음
    배달 실패
    không (?:gửi|chuyển|phát) được
    tidak dapat dihantar
    tidak boleh dihantar
    (?:pesan|e-?mail|surel|surat) (?:anda )?(?:tidak (?:dapat |bisa )?(?:terkirim|dikirim\w*|disampaikan)
    …|gagal (?:terkirim|dikirim\w*)|tertunda|dikembalikan)
    tidak (?:dapat |bisa )?terkirim\s?:
    gagal (?:terkirim|kirim)\s?:
    (?:pemberitahuan|notifikasi|laporan) (?:status |kegagalan )pengiriman
    pengiriman (?:e-?mail |pesan )?(?:gagal|tertunda)
    alamat tidak ditemukan
    warning:? (?:could not send|message)
    mail delivery (?:failed|system|subsystem|delayed)
    dsn:
    ndr:
    mail bounced
    bounced? (?:mail|message|e-?mail)
    mail system error
    there was an error sending your mail
    (?:rejected|blocked) (?:mail|message|e-?mail)\s?:
    (?:mail|message|e-?mail) (?:rejected|blocked|bounced)\b
    delivery status\b
    (?:successful|success) mail delivery report
    relayed:
    delivered:
    delivery to .{1,200} failed
    """
)

# The line above the mail that comes back.
COPIES = alternatives(
    r"""
    below (?:this line )?is a copy
    this is a copy of
    (?:the )?(?:original|returned|unsent|undelivered|rejected) (?:message|mail)(?: text| headers?
    …| body)?\s?(?:follows|below|header)?\b\W{0,60}\Z
    included is (?:a|the) (?:copy|message)
    (?:the )?(?:message )?headers? (?:of the original message )?(?:follows?|is following)
    (?:the )?headers? of the original
    (?:the )?(?:first|body of|beginning of|start of|part of) .{0,40}(?:original|message)
    your (?:original )?(?:message|mail) (?:reads|follows|headers?)\b
    message (?:headers?|body|text|contents?) ?(?:follows?|for reference)?\s?:?\Z
    original message (?:headers?|details)
    (?:a )?copy of (?:the|your) (?:original )?message
    pesan asli
    salinan (?:pesan|e-?mail|surat)
    header (?:pesan|e-?mail) asli
    e-?mail asli
    (?:kopi|bagian) (?:dari )?pesan asli
    ursprüngliche (?:nachricht|kopfzeilen)
    message d.origine
    mensaje original
    messaggio originale
    mensagem original
    oorspronkelijk bericht
    元のメッセージ
    原始邮件
    原始郵件
    원본 메시지
    исходное сообщение
    unsent message
    forwarded message
    """
)

# Behind such words stands the address that was not reached.
BEFORE_RECIPIENT = alternatives(
    r"""
    [45][0-9][0-9](?: [45]\.[0-9]{1,3}\.[0-9]{1,3})?
    recipients?(?: address(?:es)?)?
    rcpt to
    e-?mail address
    address(?:es)?
    user
    mailbox
    account
    penerima
    alamat
    kepada
    (?:delivered|delivery|deliver|sent|send|addressed|message|mail|pesan|surel|surat|e-?mail)(?: (?:anda
    …|you sent|was|is|it))?(?: not)? (?:to|ke|kepada|for|untuk)
    empfänger
    destinatari[oa]
    destinataire
    ontvanger
    odbiorca
    mottagare
    получател\w{1,3}
    收件人
    宛先
    受信者
    받는 사람
    failed for
    (?:could|can) ?not (?:deliver|reach)
    unable to deliver(?: to| message to)?
    """
)

# Behind such words stands any other address.
BEFORE_OTHERS = alternatives(
    r"""
    contact
    write to
    send (?:an )?e-?mail to
    forward (?:this|the)
    questions?
    assistance
    help
    hubungi
    from
    sender
    mail from
    dari
    pengirim
    message-?id
    msgid
    reply to
    on behalf of
    generated from
    envelope-from
    reporting
    return-path
    postmaster
    id
    abuse
    """
)

# A line that tells of a failure.
FAULT = one_of(
    r"""
    (?<![0-9.])[45][0-9]{2}[ #-]
    (?<![0-9.])[45]\.[0-9]{1,3}\.[0-9]{1,3}
    unknown
    error
    not found
    no such
    rejected
    denied
    refused
    fail
    invalid
    unable
    does(?: not|n.t) exist
    undeliver
    could ?n.t
    could not
    cannot
    quota
    full
    disabled
    blocked
    \.\.\.
    tidak (?:ditemukan|dikenal|ada|dapat|bisa|valid|aktif)
    penuh
    ditolak
    gagal
    salah
    """
)

# The server goes on trying.
STILL_TRYING = one_of(
    r"""
    not yet been delivered
    (?<!not )(?:will|is|are|being)(?: be| keep| continue| still)*(?: to)? (?:being )?(?:retr(?:y|ied|ying)
    …|try(?:ing)?)
    (?:keep|continue)s? (?:to )?(?:re)?try(?:ing)?
    still (?:be )?being (?:retried|tried)
    warning (?:message )?only
    message still undelivered
    delivery attempts will continue
    is only a (?:warning|temporary)
    this is (?:just )?a warning
    will be made (?:again )?for
    has been postponed
    akan (?:terus )?(?:mencoba|dicoba)
    masih (?:akan )?(?:dicoba|mencoba|terus)
    wird weiter versucht
    nouvelles tentatives
    se seguirá intentando
    wordt opnieuw geprobeerd
    """
)

# It may go on trying, unless GIVEN_UP.
DELAY = one_of(
    r"""
    \bdelay(?:ed)?\b
    \btertunda\b
    \bditunda\b
    verzögert
    retardé
    retrasad[oa]
    vertraagd
    in ritardo
    atrasad[oa]
    opóźni
    försenad
    forsinket
    задержан
    遅延
    延迟
    延遲
    지연
    """
)

# It does not, whatever else it says.
FOR_GOOD = one_of(
    r"""
    permanent (?:error|failure|fatal)
    giv(?:en|ing) up
    gave up
    failed permanently
    has been removed from the
    """
)

GIVEN_UP = one_of(
    r"""
    permanent (?:error|failure|fatal)
    giv(?:en|ing) up
    gave up
    could not be delivered
    couldn.t be delivered
    has failed
    will not be (?:retried|tried)
    permanently
    wasn.t delivered
    was not delivered
    failed permanently
    tidak (?:dapat|bisa) (?:dikirim|terkirim|disampaikan)
    gagal dikirim
    """
)

# How reports begin.
OPENING = one_of(
    r"""
    this (?:is the|message was created automatically by) (?:mail|e-?mail|.{1,60}(?:mail|deliver))
    this is the .{1,80} program
    i.m (?:sorry|afraid) (?:to have to inform|i wasn.t able)
    (?:sorry, )?(?:we|i) (?:were|was) unable to deliver
    your (?:message|mail|e-?mail)[^.\n]{0,200}(?:could not|couldn.t|was not|wasn.t|cannot|did not|has not
    …|not be) (?:be |been )?(?:deliver|reach|sent)
    delivery (?:to the following|has failed|failed|status)
    (?:the )?following (?:message|recipients?|address(?:es)?|e-?mail)[^.\n]{0,100}(?:could not|fail|undeliver
    …|not delivered|rejected)
    (?:a|the) message (?:that )?you (?:have )?sent
    an error (?:has )?occurred while
    message (?:could not|was not|from|to|delivery)[^.\n]{0,60}(?:deliver|fail|block|reject)
    unable to deliver
    could not (?:be )?deliver
    error:\s
    (?:pesan|e-?mail|surel|surat)[^.\n]{0,100}(?:tidak (?:dapat|bisa) (?:dikirim|terkirim|disampaikan)
    …|gagal (?:dikirim|terkirim))
    -{3,} ?(?:transcript of session|failure reasons?|the following addresses)
    alamat tidak ditemukan
    undeliver
    failed to deliver
    was rejected
    did not reach the following
    """
)

# Words of a reason, by the subject and detail of RFC 3463. The first that fits counts: the exact ones come first.
REASONS = (
    (
        "2.2",
        one_of(
            r"""
            (?:mailbox|mail ?box|inbox|account|quota|storage|disk|user|recipient)[^.\n]{0,40}(?:is |was )?(?:full
            …|exceed\w*|over ?quota)
            over ?(?:the )?quota
            quota (?:exceeded|full)
            exceed\w* (?:storage|quota|mailbox)
            mailbox full
            melebihi kuota
            kotak (?:surat|masuk|pos)[^.\n]{0,40}penuh
            penyimpanan[^.\n]{0,30}penuh
            out of (?:storage )?space
            too many messages in
            容量
            一杯
            已满
            postfach[^.\n]{0,20}voll
            """
        ),
    ),
    (
        "1.2",
        one_of(
            r"""
            (?:host|domain|name server)[^.:\n]{0,60}(?:not found|unknown|does(?: not|n.t) exist|nxdomain|not resolve)
            unknown (?:host|domain)
            host or domain name
            no such (?:host|domain)
            couldn.t find any host
            domain \S{1,100} (?:couldn.t be|tidak) (?:found|ditemukan)
            unrouteable domain
            bad destination host
            illegal host
            invalid domain
            dns error
            no mx
            domain[^.\n]{0,60}tidak (?:ditemukan|ada|valid)
            unable to route
            not appear to be registered
            domain (?:name )?(?:is )?not registered
            """
        ),
    ),
    (
        "1.1",
        one_of(
            r"""
            user unknown
            unknown user
            unknown recipient
            recipient unknown
            unknown (?:local|address|mailbox|account)
            no such (?:user|recipient|mailbox|address|person|account)
            (?:user|recipient|address|mailbox|account|addressee|alias|name|email)[^.\n]{0,60}(?:not found|does(?: not
            …|n.t) exist|unknown|not exist|not known|not recogni[sz]ed|not listed|invalid|couldn.t be found|wasn.t found
            …|isn.t (?:known|found)|no longer (?:exists|here|with us|valid))
            invalid (?:user|recipient|mailbox|address|final delivery)
            bad (?:destination|address|recipient)
            no mailbox (?:here )?by that name
            not a valid
            not our customer
            doesn.t have an? \S{1,60} account
            unrouteable address
            no (?:user|one) (?:here )?by that name
            badly formed
            this (?:user|account) (?:doesn.t|does not)
            isn.t found
            user[^.\n]{0,30}not (?:listed|here)
            no valid recipients
            mailbox unavailable
            not local
            is not a known
            alamat[^.\n]{0,60}tidak (?:ditemukan|ada|dikenal|valid|dapat ditemukan)
            pengguna[^.\n]{0,40}tidak (?:ditemukan|dikenal|ada|terdaftar)
            penerima[^.\n]{0,40}tidak (?:ditemukan|dikenal|ada|terdaftar)
            tidak (?:ada|terdaftar) pada server
            akun[^.\n]{0,40}tidak (?:ada|ditemukan)
            empfänger[^.\n]{0,40}unbekannt
            存在し
            不存在
            宛先
            адрес не найден
            """
        ),
    ),
    (
        "2.1",
        one_of(
            r"""
            (?:account|mailbox|user|email)[^.\n]{0,60}(?:disabled|suspended|inactive|deactivated|discontinued|locked
            …|blocked)
            (?:disabled|inactive) (?:user|account|recipient)
            (?:akun|alamat)[^.\n]{0,40}(?:dinonaktifkan|tidak aktif|diblokir)
            """
        ),
    ),
    (
        "3.4",
        one_of(
            r"""
            (?:message|mail|size|file)[^.\n]{0,40}(?:too (?:big|large)|exceeds|exceeded|limit)
            exceeds? (?:the )?(?:maximum |size |fixed )
            too (?:large|big)
            melebihi (?:batas )?ukuran
            terlalu besar
            """
        ),
    ),
    (
        "7.1",
        one_of(
            r"""
            relay(?:ing)? (?:access )?denied
            relaying
            not permitted to relay
            spam
            blacklist
            black list
            blocklist
            block list
            blocked (?:by|using|due|for|because|as)
            rbl\b
            spamhaus
            policy
            reputation
            access denied
            not authori[sz]ed
            unauthori[sz]ed
            permission
            not accepted for policy
            administrative prohibition
            prohibited
            content (?:filter|rejected)
            virus
            rejected (?:by|for|as)
            spf\s
            dkim
            dmarc
            not allowed
            restricted
            ditolak
            diblokir
            """
        ),
    ),
    (
        "4.7",
        one_of(
            r"""
            (?:retry|delivery|message|queue|expire)[^.\n]{0,40}(?:time(?:d)?[- ]?out|expired|exceeded|too long)
            (?:message|delivery time) expired
            retry timeout
            unable to deliver for
            too long in the queue
            in the queue too long
            undeliverable for
            kedaluwarsa
            batas waktu
            """
        ),
    ),
    (
        "4.1",
        one_of(
            r"""
            connection (?:timed out|refused|reset)
            timed? ?out
            no answer
            not (?:be )?reach(?:able|ed)?
            could not connect
            couldn.t connect
            can.t connect
            cannot connect
            network (?:error|unreachable)
            host (?:unreachable|is down)
            unreachable
            greylist
            try again later
            tidak merespons
            """
        ),
    ),
    (
        "4.6",
        one_of(
            r"""
            (?:mail|routing|forwarding)[^.\n]{0,20}loop
            too many hops
            hop count
            """
        ),
    ),
)
