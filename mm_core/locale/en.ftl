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

## What if something had been different

change-without = Without { $inputs }
what-if-moved = { $stays ->
    [yes] { $change }: { LABEL($label) } goes from { PERCENT($before) } to { PERCENT($after) }; the answer stays.
   *[no] { $change }: { LABEL($label) } goes from { PERCENT($before) } to { PERCENT($after) }; now { LABEL($likeliest) } is likeliest.
 }
what-if-unmoved = { $stays ->
    [yes] { $change }: nothing changes; { LABEL($label) } stays at { PERCENT($share) }.
   *[no] { $change }: { LABEL($label) } stays at { PERCENT($share) }, but now { LABEL($likeliest) } is likeliest.
 }

## The reasons in one sentence

reasons = Mostly { $reasons }.
reasons-for-and-against = { $modality ->
    [text] Mostly { $reasons }; { $against } pull towards { LABEL($towards) }.
   *[other] Mostly { $reasons }; { $against } pulls towards { LABEL($towards) }.
 }
reasons-against = { $modality ->
    [text] Nothing speaks for it by itself; { $against } pull towards { LABEL($towards) }.
   *[other] Nothing speaks for it by itself; { $against } pulls towards { LABEL($towards) }.
 }
reasons-none = Nothing that was given moves { LABEL($label) } by much.
reason-words = “{ $words }”
reason-moment = the voice at { DECIMAL($start, digits: 1) } to { DECIMAL($end, digits: 1) } s
reason-face = { $part ->
    [brow] the brow
    [eyes] the eyes
    [nose] the middle of the face
    [mouth] the mouth
   *[chin] the chin
 }

## Contributions

contributions-title = What each input adds to { LABEL($label) }
contributions-one-input = There is one input only, so the whole answer comes from { $inputs }.
contributions-probability-reading = A bar to the right raises the probability of { LABEL($label) }, one to the left lowers it. Together the bars lead from { PERCENT($start) }, the answer to nothing at all, to { PERCENT($total) }. (Exact Shapley values over all combinations of inputs.)
contributions-logit-reading = A bar to the right speaks for { LABEL($label) }, one to the left against it. Together the bars lead from { DECIMAL($start) }, the answer to nothing at all, to { DECIMAL($total) } in centred logits. (Exact Shapley values over all combinations of inputs.)
points = { $points ->
    [one] { $sign }{ NUMBER($points) } point
   *[other] { $sign }{ NUMBER($points) } points
 }

## Attention

attention-title = { $drawn ->
    [difference] What each part of { $query } looks at in { $key } more than the others{ $which }
   *[attention] Attention from { $query } to { $key }{ $which }
 }
attention-none = none
attention-less = { $amount } less
attention-as-mean = as the mean
attention-more = { $amount } more
attention-reading = { $drawn ->
    [difference] Each row less the mean of all rows: red where it looks more than the others do, blue where it looks less; a pale chart says that all look alike. { $dependence }
   *[attention] Row by row: the stronger a cell's colour, the more that part of { $query } looks at that part of { $key }; attention shows where the model looks, not yet what decides. { $dependence }
 }
attention-dependence = { $hardly ->
    [yes] Here attention hardly depends on what asks: rows differ by { PERCENT($share) } of what chance would make, so don't read single rows as answers.
   *[no] Here attention depends on what asks: rows differ by { PERCENT($share) } of what chance would make.
 }
attention-dependence-unmeasured = With one row or one column alone, it can't be told whether attention depends on what asks.
