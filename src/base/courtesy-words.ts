/** Words that make a clause polite; in lower case, of the languages that most requests are written in. */
export const COURTEOUS: ReadonlySet<string> = wordSet(`
  please pls plz kindly thank thanks thx ty hello hi hey greetings dear regards sincerely cheers
  appreciate appreciated appreciation grateful gratefully gratitude obliged sorry excuse pardon
  welcome hope hoping morning afternoon evening favor favour help helping helped assist assistance question
  bitte danke dank dankbar hallo servus moin guten tag morgen abend grüße grüßen gruß grüß
  helfen hilfe weiterhelfen frage freundlich freundliche freundlichen entschuldigung
  s'il plaît plait merci bonjour bonsoir salut cordialement aider aide pardonnez excusez
  favor gracias hola saludos ayudar ayuda ayudarme agradezco agradecería buenos buenas disculpe
  obrigado obrigada olá oi ajudar ajuda agradeço bom boa
  favore grazie ciao buongiorno buonasera aiutare aiuto aiutarmi cortesemente
  alstublieft alsjeblieft dank bedankt hallo helpen dag
  proszę dziękuję cześć dzień pomóc
  пожалуйста спасибо привет здравствуйте помоги помогите помочь
  lütfen teşekkürler teşekkür merhaba
`);

/** Words that a request to a person asks for nothing with; they may stand in a polite clause. */
export const FILLING: ReadonlySet<string> = wordSet(`
  a able advance again ahead ai all along also am an and any anyone anything are as assistant at be
  been best bit bot bother bothering bothered by can care chance could couldn't day did do doing
  everyone everything for forward friend friends from fully get give given glad go going good great
  guidance had hand happy has have having hearing here how i i'd i'll i'm i've if in
  input is it it's its job just kind kindness know let lend lot lots looking love lovely madam make
  many matter may me message might million mind much my name need nice night now of off on one or our
  out quick quickly ready really reply response right same sir so some someone something soon spare
  stay struggling stuck such support sure take taking team task that that's the their them there
  these thing things this those time to today together tomorrow trouble try trying up us very want
  warm was way we we'd weekend well what when whenever whether while will wish with wonder wonderful
  wondering work would wouldn't year you you'd you'll you're you've your yours
  ich du sie ihr ihnen ihre ihren dir mir mich uns wir es das dies diese diesen dabei damit hierbei
  hier kann kannst können könnte könntest könnten würde würdest würden wäre wären für im voraus mal
  kurz eine einen ein viele vielen herzlichen besten beste schöne schönen liebe lieber mit bei und
  sehr so nett ihnen zu habe hätte noch
  je tu vous moi me nous à de la le les une un pour pourriez pouvez peux pourrais est ce cela ceci
  avec si possible beaucoup d'avance avance bien merveilleuse journée vouloir voudrais j'aurais
  yo tú usted me mi con esto eso este esta por puede puedes podría podrías muchas mucho de antemano
  su tu la el lo una un para días tardes noches si es hacer
  eu você me com isto isso por pode poderia muito muita desde já dia tarde noite para o a um uma
  per mi puoi può potresti potrebbe con questo molte mille in anticipo si le ti un una
  mij kunt kun je u zou met dit hartelijk veel bij voorbaat
  czy możesz mógłbyś mógłby mi w tym bardzo z góry
  мне вы ты с этим можете можешь большое заранее не могли бы
  bana bu konuda yardım eder misin misiniz edebilir çok
`);

/** Courtesy in scripts without spaces, as it begins and ends a text; longer ones first. */
export const COURTEOUS_BEGINNINGS: readonly string[] = [
  '请问',
  '請問',
  '请你帮我',
  '请您帮我',
  '请帮我',
  '請幫我',
  '请',
  '請',
  '你好',
  '您好',
  '大家好',
  '麻烦您',
  '麻烦你',
  '麻煩您',
  '麻煩你',
  '能不能帮我',
  '能帮我',
  '可以帮我',
  '可否帮我',
  'こんにちは',
  'すみません',
  '안녕하세요',
];
export const COURTEOUS_ENDINGS: readonly string[] = [
  '非常感谢',
  '非常感謝',
  '十分感谢',
  '谢谢您',
  '谢谢你',
  '謝謝您',
  '謝謝你',
  '谢谢了',
  '谢谢',
  '謝謝',
  '多谢',
  '多謝',
  '感谢',
  '感謝',
  '拜托了',
  'よろしくお願いします',
  'よろしくお願いいたします',
  'お願いいたします',
  'お願いします',
  'ありがとうございます',
  'ありがとう',
  '감사합니다',
  '부탁드립니다',
];

/** What alone makes the rest of a clause follow: "please write", "write … please". */
export const PARTICLES: ReadonlySet<string> = wordSet(`
  please pls plz kindly bitte plaît plait favor favore alstublieft alsjeblieft proszę пожалуйста
  lütfen
`);

/** What begins thanks or a greeting that no mark parts from the text. */
export const OPENING: ReadonlySet<string> = wordSet(`
  thank thanks thx cheers hello hi hey greetings danke vielen merci gracias muchas obrigado obrigada
  grazie bedankt dziękuję спасибо teşekkürler hallo bonjour hola olá ciao привет здравствуйте merhaba
  please bitte
`);

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/));
}
