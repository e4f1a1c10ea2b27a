import type { Grammar } from './grammar.ts';
import { words } from './vocabulary.ts';

/**
 * Sentences about anything: pasted material must not give the task away by its words, so it is made
 * of a wide vocabulary that all tasks share.
 */
export const PLAIN_TEXT: Grammar = {
  thing: words(
    'port canteen budget fence tram library soup waiter concert storm engine invoice bridge garden river committee session protocol fuel price strike report container traffic recovery tenant heating window staircase gardener novel painting kitchen oven festival orchestra singer vaccine clinic patient nurse harvest farmer tractor field forest fire law judge court trial witness village mayor election vote party school pupil exam lesson teacher museum curator statue castle king queen army border treaty island beach tourist hotel guest suitcase train platform delay ticket airport pilot runway plane cloud rain snow winter summer heat drought well pump pipe leak plumber roof ladder painter colour wall door key lock thief police street lamp cyclist helmet accident insurance claim damage repair garage mechanic battery cable charger screen software update server network password account bank loan interest salary pension tax office meeting agenda minutes colleague manager project deadline customer order parcel courier warehouse shelf box label barcode scanner supermarket bread cheese apple market stall coffee cup tea sugar cake birthday gift letter stamp postman newspaper article headline editor journalist interview camera photo film actor stage curtain audience applause team coach match goal referee stadium fan league season medal record runner marathon bicycle road map compass mountain hut hiker bear dog cat horse stable bird nest egg fish boat sail harbour lighthouse whale sea wave sand bucket child toy doll grandmother neighbour wedding ring dress tailor shoe coat hat umbrella clock tower bell church garden+gate pond frog bee honey flower seed soil compost tree leaf wood stove chimney smoke factory worker union wage machine steel coal mine tunnel metro station crowd queue',
  ),
  did: words(
    'closed opened lost found sold bought moved fixed broke painted carried followed stopped started visited checked signed refused accepted changed delayed finished forgot remembered measured counted cleaned burned saved rescued watched praised blamed ignored replaced rented returned cancelled expected feared welcomed missed reached crossed built planned paid owed sent received read wrote heard described explained discovered damaged inspected delivered wrapped cooked served tasted planted watered cut picked stole locked recorded interviewed elected beat joined left',
  ),
  quality: words(
    'old new small large quiet loud cold warm empty full broken cheap expensive rare common heavy light dark bright dry wet narrow wide slow fast young tired happy angry nervous careful famous local foreign public private annual final early late wooden plastic golden rusty dusty clean muddy friendly strict generous unknown modern simple strange',
  ),
  when: [
    'last week',
    'on ‹weekday›',
    'in ‹month›',
    'yesterday',
    'in the spring',
    'after lunch',
    'for three hours',
    'in the end',
    'before the holidays',
    'at night',
    'two years ago',
    'this morning',
    'in ‹#1950-2025›',
    'by a tenth',
    'without a word',
    'for ‹#2-90› days',
    'near ‹city›',
    'in ‹country›',
    'because of the ‹thing›',
    'with the ‹thing›',
    'again',
  ],
  plainSentence: [
    'The ‹thing› ‹did› the ‹quality› ‹thing› ‹when›.',
    'The ‹quality› ‹thing› ‹did› the ‹thing› and the ‹thing› ‹when›.',
    '‹person› ‹did› the ‹thing› ‹when›, but the ‹thing› was ‹quality›.',
    '‹^when›, the ‹thing› of ‹city› ‹did› ‹#2-90› ‹quality› ‹things›.',
    '‹person› and ‹person› ‹did› a ‹quality› ‹thing›.',
    'Nobody ‹did› the ‹thing›, although the ‹thing› was ‹quality› and ‹quality›.',
    'Our ‹thing› is ‹quality›; the next ‹thing› is ‹when›.',
    'A ‹thing› that ‹did› the ‹thing› ‹did› the ‹thing› too.',
    'We ‹did› the ‹thing› ‹when›.',
    'The ‹thing› stays ‹quality›, ‹person› said.',
    'They agreed to ‹meet|vote|wait|try again› ‹when›.',
    'Analysts ‹blame|praise|expect› the ‹quality› ‹thing› and the ‹thing›.',
    'From next ‹month|week› the ‹thing› ‹closes|opens|ends› at ‹#1-12›.',
    'It was ‹quality›, and the ‹thing› ‹did› ‹person›.',
    'I ‹did› my ‹thing› ‹when›.',
  ],
  plainText: [
    '‹plainSentence› ‹plainSentence›',
    '‹plainSentence› ‹plainSentence› ‹plainSentence›',
    '‹plainSentence› ‹plainSentence› ‹plainSentence› ‹plainSentence› ‹plainSentence›',
    'Dear ‹colleagues|all|team|‹person››, ‹plainSentence› ‹plainSentence› ‹plainSentence›',
  ],
};
