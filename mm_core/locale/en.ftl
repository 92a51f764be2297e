# English. One message is one whole sentence or one label. What stands in { $braces } is filled in by the program;
# a message may choose between variants by it. Terms begin with a hyphen and are used as { -term }.
# Functions: PERCENT($share), DECIMAL($value, digits: 3), NUMBER($count), MODALITY($modality), LABEL($label).

## Words that every room shares

modality = { $modality ->
    [text] words
    [image] face
   *[audio] voice
 }
the-modality = the { MODALITY($modality) }
label = { $label ->
    [anger] anger
    [disgust] disgust
    [fear] fear
    [joy] joy
    [sadness] sadness
    [surprise] surprise
    [negative] negative
    [positive] positive
   *[neutral] neutral
 }
unknown-share = unknown

## The answer in one sentence

answer = { $sure ->
    [yes] Mostly { LABEL($label) }, { PERCENT($confidence) } sure.
   *[no] Not sure: { LABEL($label) } is likeliest, at only { PERCENT($confidence) }.
 }
answer-and-agreement = { $sure ->
    [yes] Mostly { LABEL($label) }, { PERCENT($confidence) } sure; { $agreement }.
   *[no] Not sure: { LABEL($label) } is likeliest, at only { PERCENT($confidence) }; { $agreement }.
 }
answer-nothing = Nothing to judge: no text, face or voice could be used.
agreement-all-three = all three agree
agreement-of-pair = { $first ->
    [text] the words and the { MODALITY($second) } agree
   *[image] the face and the voice agree
 }
disagreement-all-three = words, face and voice all disagree
disagreement-of-one = { $modality ->
    [text] the words disagree
    [image] the face disagrees
   *[audio] the voice disagrees
 }
disagreement-of-pair = { $second ->
    [text] the words disagree with the { MODALITY($first) }
    [image] the face disagrees with the { MODALITY($first) }
   *[audio] the voice disagrees with the { MODALITY($first) }
 }
