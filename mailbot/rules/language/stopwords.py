"""Words that tell nothing of what a mail is about. Data.

Two sets, because a word left out costs differently: whoever searches for "informasi tender" means both words, while two
mails that both say "mohon informasi" have nothing in common by that.
"""

from __future__ import annotations

_FUNCTION_AND_COURTESY = """
    ada adalah admin agar akan and anda apa apakah atas atau bagaimana bapak belum bisa bu dalam dan dapat dari
    dengan di dia hal halo hormat ibu in ini itu jika juga kalau kami kasih kata ke kepada ketika kita lagi maka
    malam masih mohon nya of oleh or pada pagi pak para per perihal saat saja salam saya sebagai sedang selamat
    siang sore sudah telah tentang terima tetapi the tidak to tolong untuk yang yth
"""
_CHATTER = """
    adapun aku amat antara apabila are assalamualaikum at bagi bahkan bahwa baik banyak baru be beberapa begini
    begitu berikut bersama besok bila boleh buat bukan can cannot cara coba cuma dahulu dear demikian dimohon
    dua dulu for from gimana hai hanya harap hari harus has have help hingga how ia is it jadi jam jangan kak
    kakak kali kamu kan kapan karena kemarin kembali kenapa kira knp kok lain lalu langsung lebih lewat loh maaf
    mah makin mana mas mau mbak me melalui memang mengapa mengenai menit menjadi merupakan min mohonkan mulai
    mungkin my nah namun nanti nih not on our padahal pasti perlu pernah please sama sampai sana sangat satu
    sebab sebelum sebuah segera sehingga sejak sekali sekarang selalu selama seluruh semua sendiri seperti
    sering serta sesuai setelah setiap siapa sih silakan sini sir suatu supaya tadi tanpa tapi tepat terakhir
    terhadap terkait terlampir ternyata tersebut terus tetap that this tiba tiga tsb waktu walaupun was wassalam
    wassalamualaikum wb we wib with wr wrwb ya yaitu you your
"""
_TO_A_HELPDESK = """
    akun alamat aplikasi arahan bantu bantuan bantuannya cv dinas ditindaklanjuti email gangguan hp info
    informasi instansi jalan kab kabupaten keluar kendala klik kode kota lanjut lkpp lpse masalah menu nama nib
    nik nip nomor paket pencerahan penjelasan penting penyedia permasalahan permohonan perusahaan petunjuk
    problem pt sistem solusi spse telepon tender tindak tindaklanjut trouble ud urgent user wa
"""

#: Left out of what somebody searches for, where there are other words.
IN_EVERY_MAIL = frozenset(_FUNCTION_AND_COURTESY.split())
#: Left out where problems are compared: also what talk is full of, and every second mail to a helpdesk.
IN_MANY_MAILS = IN_EVERY_MAIL | frozenset(f"{_CHATTER} {_TO_A_HELPDESK}".split())
