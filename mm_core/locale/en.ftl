# English. One message is one whole sentence or one label. What stands in { $braces } is filled in by the program;
# a message may choose between variants by it. Terms begin with a hyphen and are used as { -term }.
# Functions: PERCENT($share), DECIMAL($value, digits: 3), NUMBER($count), MODALITY($modality), LABEL($label).

## Words that every room shares

modality = { $modality ->
    [text] words
    [image] face
   *[audio] voice
 }
coalition = { $members ->
    [none] nothing
   *[all] all three
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
verdict = { $verdict ->
    [better-than-chance] better than chance
    [no-better-than-chance] no better than chance
    [not-testable] not testable
   *[not-tested-yet] not tested yet
 }

## The answer in one sentence

answer = { $sure ->
    [yes] Mostly { LABEL($label) }, { PERCENT($confidence) } sure.
   *[no] Not sure: { LABEL($label) } is likeliest, at only { PERCENT($confidence) }.
 }
answer-and-agreement = { $sure ->
    [yes] Mostly { LABEL($label) }, { PERCENT($confidence) } sure; { $agreement }.
   *[no] Not sure: { LABEL($label) } is likeliest, at only { PERCENT($confidence) }; { $agreement }.
 }
not-learned = { $modality ->
    [text] The words are left out: no text taught this model its labels ({ $labels }).
    [image] The face is left out: no face taught this model its labels ({ $labels }).
   *[audio] The voice is left out: no voice taught this model its labels ({ $labels }).
 }
language-not-read = { $language ->
    [zh] The words are left out: this model does not read Chinese.
   *[en] The words are left out: this model does not read English.
 }
unfamiliar = { $modality ->
    [text] The words are like no text that the model learned from, so its answer counts as less sure.
    [image] The picture is like no face that the model learned from, so its answer counts as less sure.
   *[audio] The sound is like no voice that the model learned from, so its answer counts as less sure.
 }
nothing-usable = { $final ->
    [yes] Nothing that was given can be used. { $reasons } Give something else.
   *[no] Nothing that was given can be used. { $reasons } Give something else, or choose to use it anyway.
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

## A voice judged against the speaker's normal voice

judged-against-reference = { $whose ->
    [own] Judged against your normal voice: { $inputs }.
   *[speaker] Judged against the speaker's normal voice: { $inputs }.
 }
reference-not-used = { $reason ->
    [silence] The normal voice is silent, so it is not compared with. Record a few seconds of calm speech.
    [no-voice] No voice was heard in the normal voice, so it is not compared with. Record a few seconds of calm speech.
    [short] The normal voice holds less than { DECIMAL($seconds, digits: 0) } s of speech, so it is not compared with. Record a few seconds of calm speech.
    [alone] A normal voice was given but no voice to judge, so it is not used.
   *[unused] This model compares with no normal voice, so the one that was given is not used.
 }
reference-noted = Normal voice: { $what }
reference-unreadable = The normal voice can't be used. { $why }

## What if something had been different

change-without = Without { $inputs }
change-without-reference = Not judged against the normal voice
change-no-reference = This case has no normal voice that its voice is judged against, so it can't be judged without one.
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

## Probabilities

probabilities-title = { $task ->
    [emotion] Probabilities of each emotion
    [sentiment] Probabilities of each sentiment
   *[own] Probabilities of each label
 }
probabilities-reading = { $task ->
    [emotion] Each bar is the calibrated probability of one emotion; together they make 100%.
    [sentiment] Each bar is the calibrated probability of one sentiment; together they make 100%.
   *[own] Each bar is the calibrated probability of one label; together they make 100%.
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

match-title = Which part of { $first } matches which of { $second }
match-none = The model that answered does not match these two part by part.
match-end = { $end ->
    [worse] matches worse
    [better] matches better
   *[mean] as the mean
 }
match-reading = Row by row: red where that part of { $first } and that part of { $second } express alike, blue where they don't, against the mean of the map. The best match is { $best } with { $partner }; { $worst } finds the least in { $second }. Their best matches are part of what agreement is judged by.
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

## A model with labels of its own

own-labels = { $all ->
    [yes] This model answers labels of its own in place of emotions: { $labels }. It learned them from { $inputs }.
   *[no] This model answers labels of its own in place of emotions: { $labels }. It learned them from { $inputs } alone, so whatever else is given counts as absent.
 }
own-labels-scores = On the { NUMBER($count) } held-out cases that came with these labels: accuracy { $accuracy }, macro-F1 { $macro }. Always answering { $majority }, the commonest label, would be right for { PERCENT($share) }.
own-labels-unmeasured = How well it answers these labels was not measured when it was made, so no figure is shown. Give the Batch tab rows with a column “label” to find out.

## Page: frame

page-name = Triad
page-title = Triad: emotion and sentiment from words, face and voice
page-description = Give words, a face, a voice, or any mix of them. See which emotion they express together, whether they say the same, and which words, parts of the face and moments of the voice decide it; each map is tested against chance.
page-card = Three rings that overlap, one each for words, face and voice, beside the name Triad.
page-question = What do the words, the face and the voice express, and how can you check the answer?
page-inputs-not-kept = The picture, the voice and the text did not come with this case, so nothing new can be asked about it. Give them above and press Find out.
page-forgotten = This case is no longer held: what you give is forgotten after a few minutes. Press Find out again.
# Gradio writes the number before it.
page-ahead = { $count ->
    [one] request before yours
   *[other] requests before yours
 }
tab = { $tab ->
    [ask] Ask
    [compare] Compare
    [film] Film
    [live] Live
    [batch] Batch
   *[about] About
 }
cancel = Cancel
page-title-own = Triad: { $labels } from { $inputs }
page-question-own = Which of { $labels } fits { $inputs }, and how can you check the answer?
task = { $task ->
    [emotion] Emotion
    [sentiment] Sentiment
   *[own] Label
 }
figure-numbers = The numbers
figure-more-rows = { $count ->
    [one] One more row is not shown here.
   *[other] { NUMBER($count) } more rows are not shown here.
 }

## Page: inputs

ask-title = Give one, two or all three
ask-find-out = Find out
ask-clear = Clear
ask-examples = Start with a question
ask-limits-title = What can be given
ask-keyboard = Ctrl+Enter asks too.
ask-privacy = Used for your answer only, then forgotten: when you clear the form or close the page, and after 15 minutes at the latest. Nothing is logged or stored.
ask-inputs-changed = The inputs have changed since this answer. Press Find out to ask again.
ask-force = Use the { MODALITY($modality) } anyway
ask-switch = Switch one off to see what changes
example-gives = Gives { $inputs }.
input-label = { $input ->
    [text] { $case ->
        [none] Words
       *[other] Words, case { $case }
     }
    [image] { $case ->
        [none] Face
       *[other] Face, case { $case }
     }
    [audio] { $case ->
        [none] Voice
       *[other] Voice, case { $case }
     }
    [reference] { $case ->
        [none] Your normal voice
       *[other] Their normal voice, case { $case }
     }
   *[clean] { $case ->
        [none] Reduce background noise in the voice
       *[other] Reduce background noise in the voice, case { $case }
     }
 }
input-reference-title = { $case ->
    [none] Your normal voice (optional)
   *[other] The speaker's normal voice (optional), case { $case }
 }
input-reference-why = Some voices sound sad or angry even when calm. Give a few seconds of the same person speaking normally, and the voice is judged by how it differs from that. It is only compared with, never judged itself.
input-text-placeholder = Type or paste what was said, in English or Chinese
input-image-placeholder = Drop a picture of a face,
    or click to choose one
input-image-alt = The picture of a face that was given
input-gone = { $modality ->
    [image] The picture is no longer here: files are deleted a few minutes after they were given. Give it again.
   *[audio] The sound is no longer here: files are deleted a few minutes after they were given. Give it again.
 }
input-limits = English or Chinese text; a face in a JPEG, PNG or WebP picture (of several the largest, unless you choose another); a voice in a WAV, FLAC, OGG or MP3 file, of which { NUMBER($seconds) } s are heard. Any one, two or three of them, in files of up to { NUMBER($megabytes) } MB.

## Page: answer

answer-empty-title = The answer appears here
answer-empty-how = Give words, a face, a voice, or any mix of them, and press Find out. With two or three you also see whether they say the same.
answer-empty-example = New here? Choose one of the questions above: it is answered at once.
answer-marks = The marks on the bars show where they stood.
answer-bar-before = (before: { PERCENT($share) })
answer-all-off = Nothing is switched on, so there is nothing to judge. Switch at least one on.
answer-left-out = { $modality ->
    [text] So the words were left out of the answer.
   *[other] So the { MODALITY($modality) } was left out of the answer.
 }
faces-choose = Whose face is it about?
faces-one = { $largest ->
    [yes] Face { $number }, the largest
   *[no] Face { $number }
 }
faces-alt = The picture shows { $count } faces, numbered from the largest on; face { $number } is the one judged.
answer-none-yet = No answer yet.
answer-nothing-usable = { $form ->
    [one-thing] Nothing of what was given can be judged: { $inputs } was set aside. Give something else, or use it anyway.
   *[several] Nothing of what was given can be judged: { $inputs } were set aside. Give something else, or use it anyway.
 }
answer-sentiment = { $sure ->
    [yes] Sentiment: { LABEL($label) }, { PERCENT($confidence) }. Judged from { $inputs }.
   *[no] Sentiment, not sure: { LABEL($label) }, { PERCENT($confidence) }. Judged from { $inputs }.
 }
attention-not-shown = This model does not show attention. What each input adds and the maps by removal need none: they ask what the answer is without a part.
method-not-shown = This model does not show the attention or the gradients that { $method } is made of. Use { $allowed }, which only ask what the answer is without a part.
answer-judged-from = Judged from { $inputs }.
answer-small-print = Answered in { NUMBER($milliseconds) } ms by the model { $model }, { $hash }. It judges the expression that is shown, not what a person feels.
agreement-title = Do they agree?
agreement-needs-two = Give a second input to see whether the two say the same.
agreement-not-answered = This model does not judge whether two inputs say the same.
agreement-verdict = { $verdict ->
    [agree] agree
    [disagree] disagree
   *[nothing] can't tell
 }
reasons-title = Why?

## Page: explanation

why-title = Why this answer?
why-lead = The same case, taken apart: what each input adds, which parts of it matter, and whether that holds up.
why-target = Explain
why-target-of-task = { $task ->
    [emotion] { LABEL($label) }
   *[sentiment] { LABEL($label) } (sentiment)
 }
maps-title = Which words, which part of the face, which moment
maps-method = Found by
maps-default-method = best tested
map-title = { $modality ->
    [text] Which words
    [image] Which part of the face
   *[audio] Which moment of the voice
 }
experts-title = For experts: steps, combinations and attention
dividends-title = Step by step, and every combination
dividends-lead = From the answer to nothing to the answer to everything, one input and one combination at a time.
dividends-measure = Measured in
unit = { $unit ->
    [logit] centred logit
   *[probability] probability
 }
explorer-title = Who looks at whom
explorer-lead = Inside the model, words, patches of the face and moments of the voice attend to each other. Choose where to look.
explorer-control = { $control ->
    [from] From
    [to] To
    [layer] Layer
    [head] Head
   *[unit] Starting at
 }
explorer-mean = mean of all
explorer-all = { $drawn ->
    [difference] all, as differences
   *[attention] all, as they are
 }
proof-title = Do these maps hold up?
proof-lead = A map is only worth something if it beats chance. The test takes away the parts that the map calls important, most important first, and compares with { NUMBER($orders) } random orders. It takes a few seconds, and then the reasons above name words, parts of the face and moments.
proof-start = Test them
proof-progress = { PERCENT($fraction) } tested
proof-progress-label = Test of the maps
proof-cancelled = The test was cancelled; nothing of it was kept.
proof-outdated = The explanation has changed meanwhile, so the test was ended. Start it again.
proof-column = { $column ->
    [map] Map of
    [verdict] Verdict
    [alone] This input alone (decides)
   *[together] With the others present
 }
proof-numbers = taken away: p = { DECIMAL($deletion) }, put back: p = { DECIMAL($insertion) }
proof-caption = What the test says about the maps for { LABEL($label) }
keep-title = Keep it
keep-lead = Both files hold the answer, the explanation and the tests so far, and both show your words. The Evidence file opens in the dashboard and in Python; the report in any browser, without a network, and can be mailed.
keep-inputs = Put the picture and the voice into the files, and into what a link opens, too
keep-evidence = Evidence file (.triad)
keep-report = Report (.html)

## A link to a case

link-make = Make a link
link-page = Open this case on the page
link-dashboard = Open this case in the dashboard
link-here = This case by a link of its own
link-terms = Whoever has the link can open the case for { NUMBER($minutes) } minutes; then it is forgotten. To keep it for longer, save the file.

## Page: two cases

compare-title = Two cases side by side
compare-lead = Give two cases and see what differs: the same words with two faces, the same face with other words, before and after a small change.
compare-case = Case { $case }
compare-start = Compare
compare-swap = Swap A and B
compare-inputs-changed = The inputs have changed since this comparison. Press Compare to ask again.
compare-example = Try the same words with two faces
compare-example-words = Nobody told me that you would be here today.
compare-verdict-title = What differs, and why
compare-leaning = { $same ->
    [yes] Both cases lean towards { LABEL($first) }.
   *[no] Case A leans towards { LABEL($first) }, case B towards { LABEL($second) }.
 }
compare-alike = The probability of { LABEL($label) } is about the same in both: { PERCENT($first) } in case A, { PERCENT($second) } in case B.
compare-differs = The probability of { LABEL($label) } is { PERCENT($first) } in case A and { PERCENT($second) } in case B; the largest part of that difference comes from the { MODALITY($modality) }.
compare-axis = Both charts below are about this class and have the same axis, so bars of the same length weigh the same.
compare-difference = Difference, B less A
compare-table = { $task ->
    [emotion] Probability of each emotion
    [sentiment] Probability of each sentiment
   *[own] Probability of each label
 }

## Reports

calm-voices = Of { NUMBER($n) } clips of { $who ->
    [ordinary] people who read or talk as usual
    [calm-women] actresses who speak calmly
   *[calm-men] actors who speak calmly
 }, { PERCENT($neutral) } are called neutral, { PERCENT($unsure) } get "not sure", and { PERCENT($other) } are surely called something else{ $worst ->
    [none] .
   *[other] , most often { LABEL($worst) } ({ PERCENT($share) }).
 }

## The report of one case and the page of a review, as HTML that can be mailed

report-kicker = Triad · record of one case · { $created }
report-kicker-undated = Triad · record of one case · no date
report-scope = Scores describe the expression shown in these words, this face and this voice, not what a person feels. Not for judging people at work or school, and not for medical use.
report-why = Why this answer
report-why-lead = What each input, and each part of it, says about { LABEL($label) }.
report-proof = Can the explanation be trusted?
report-proof-lead = The answers to every combination of inputs, tests of the maps above against chance, and where the model looked.
report-record = Record
report-numbers = The numbers
report-voice = The voice
report-voice-reading = Quiet ends are trimmed.
report-reference = The normal voice
report-reference-reading = Only compared with, never judged itself.
report-no-script = The charts need JavaScript; the numbers under each of them do not.
report-row = { $row ->
    [model] Model
    [class] Explained class
    [inputs] Inputs
    [made] Made
    [time] Time
    [versions] Versions
   *[left-out] Attention left out
 }
report-digest = SHA-256 of the { MODALITY($modality) }
report-no-inputs = none
report-inputs = { $kept ->
    [yes] { $inputs }; kept in this page
   *[no] { $inputs }; not kept, but the words of the text stand in its maps
 }
report-left-out = { $pairs }: too many words, patches and moments for a page
review-kicker = Triad · review
review-column = { $column ->
    [case] Case
    [answer] Answer
    [sure] Sure
   *[checked] Checked
 }
review-sure = { $sure ->
    [yes] { PERCENT($confidence) }
   *[no] { PERCENT($confidence) }, not sure
 }
review-ticked = { $ticked } of { $points }
review-reviewer = What the reviewer says
review-no-comment = No comment.
review-not-ticked = { $point } (not ticked)

## Dashboard: what figures come to

fusion-gains = All three together are right on { PERCENT($fused) } of composed triples; multiplying the three single answers, with no fusion at all, on { PERCENT($product) }. Fusion gains { DECIMAL($points, digits: 1) } points there.
fusion-gains-nothing = All three together are right on { PERCENT($fused) } of composed triples; multiplying the three single answers, with no fusion at all, on { PERCENT($product) }. So what is gained there comes from having three inputs, not from fusing them: the parts of a triple share a label and nothing else.
strategy-best = Best on average: { $strategy }, { $metric } { DECIMAL($value, digits: 3) }.
strategy-shipped-is-best = { $strategy }, which ships, is the best.
strategy-shipped-is-behind = { $strategy }, which ships, lies { DECIMAL($points, digits: 1) } points behind.
strategy-no-worse = It is shown to be no worse than { $strategies }.
strategy-not-excluded = Whether it is worse than { $strategies }, by more than a point, these cases can't exclude.
strategy-misses-none = No input is missed: without any one of them { $strategy } loses less than a point.
strategy-misses-most = Taking away the { MODALITY($modality) } costs most: { $strategy } falls from { PERCENT($whole) } right answers to { PERCENT($left) }.
smaller-model-none = On { $inputs } no smaller model is shown to lose less than a point.
smaller-model = On { $inputs } the smallest model that is shown to lose less than a point is “{ $title }”: { $size } MB instead of { $shipped }.
hangs-on = { $stays ->
    [yes] The answer hangs most on the { MODALITY($modality) }: taken away, { LABEL($label) } goes from { PERCENT($before) } to { PERCENT($after) }; the answer stays.
   *[no] The answer hangs most on the { MODALITY($modality) }: taken away, { LABEL($label) } goes from { PERCENT($before) } to { PERCENT($after) }; { LABEL($likeliest) } becomes likeliest.
 }
hangs-on-stays = { $second ->
    [none] It stays without the { MODALITY($first) }.
   *[other] It stays without the { MODALITY($first) } or without the { MODALITY($second) }.
 }
hangs-on-changes = { $second ->
    [none] It also changes without the { MODALITY($first) }.
   *[other] It also changes without the { MODALITY($first) } or without the { MODALITY($second) }.
 }

## Dashboard: frame and pages

dashboard-title = Triad dashboard
overview-page = Overview
dashboard-one-case = One case
case-page = Case
attention-page = Attention
what-if-page = What-if
dashboard-all-cases = All cases
contributions-page = Contributions
evaluation-page = Evaluation
robustness-page = Robustness
dashboard-designs = Designs
lab-page = Lab
dashboard-record = Record
review-page = Review
frame-no-model-yet = No model yet
frame-no-model-yet-how = { $reason } This page looks again every few seconds.
frame-no-model = No model
frame-no-model-how = { $reason } Pages that need one say so.
frame-where = { $where ->
    [app] on the running app
   *[own] on this dashboard's own copy
 }
frame-hash = SHA-256 of the model
frame-scope = Scores describe the expression shown, not what a person feels. Not for judging people at work or school, and not for medical use.
engine-none-wanted = This dashboard was started on reports and files alone, without a model.
engine-no-model = There is no model in assets/model, and MM_CORE_URL names no running app.
engine-loading = Loading the model, once…
engine-fault = Something went wrong here. Try again; if it stays, tell whoever runs this dashboard.
given = given
chart-csv = The data of this chart as CSV
try-again = Try again
rows-csv = These rows as CSV

## Dashboard: the case that is open

case-own = Your own: { $title }
case-choose = Case
bring-title = Bring your own case
case-none = No case is open.
case-none-how = { $reason } Open a .triad file: one that the app or this dashboard saved.
case-by-link = opened by a link
bring-inputs = Words, face, voice
bring-file = A .triad file
bring-saved = A case that was saved
bring-saved-help = Saved by the app or by this dashboard.
bring-no-model = There is no model to ask.
bring-no-model-how = { $reason } A saved .triad file can be opened all the same.
bring-words = Words
bring-words-placeholder = English text
bring-face = Picture of a face
bring-voice = Voice
bring-record = or record it now
bring-force = Use them even where no face or voice is found
bring-force-help = Else they count as absent.
bring-explain = Explain
bring-privacy = What you give stays in this browser session; nothing is kept when you close it.
bring-nothing = Nothing was given. Give words, a picture of a face, a voice, or several.
case-just-given = given just now
case-opened = Opened: { $title }
case-sentiment = { $sure ->
    [yes] Sentiment: { LABEL($label) }, { PERCENT($share) }
   *[no] Sentiment: { LABEL($label) }, { PERCENT($share) }, not sure
 }
case-no-media = The picture and the sound were not kept with this case.
case-explain-task = Explain the
case-class = Class
case-the-answer = the answer: { $label }
map-test-needs-model = { $reason } Testing a map needs a model.
map-test-start = Taking parts away in the map's order and in 99 random ones…
map-test-stop = Stop the test
map-test-running = Testing the maps…
explain-needs-model = { $reason } Open a .triad file instead, or start a model.
explain-again-needs-model = { $reason } Explaining again needs a model.
change-needs-model = { $reason } This change needs a model; taking an input away does not.
case-asking = Asking the model…

## Dashboard: the cases of a cell

cell-none-how = Choose a cell that holds cases.
cell-none = No { $truth } was taken for { $answer }.
cell-cases = { $count ->
    [one] { $truth } taken for { $answer }: 1 case, the surest first
   *[other] { $truth } taken for { $answer }: { NUMBER($count) } cases, the surest first
 }
cell-answer = { $right ->
    [yes] { $answer }, { PERCENT($sure) }
   *[no] { $answer }, { PERCENT($sure) }; { $truth } got { PERCENT($got) }
 }
cell-title = { $right ->
    [yes] { $truth }, rightly: { $source }
   *[no] { $truth } taken for { $answer }: { $source }
 }
cell-row = { MODALITY($modality) } row { $number }
cell-table = { $more ->
    [yes] All of them as a table, the surest { NUMBER($most) }
   *[no] All of them as a table
 }
cell-page = Page, { $each } cases each, 1 to { $pages }
cell-open = Open as case
cell-open-help = Explains it on the Case page. There the picture is searched for a face, as a visitor's is, so the answer may differ a little from the report's.
cell-rows = Rows are counted within the split, from 0.
data-not-named = The report holds no raw media. To read, see and hear these cases, start the dashboard with { $variable }=FOLDER, the folder that the report was made from.
data-no-folder = { $variable } names no folder that is there, so these cases can't be shown.
data-not-said = The report does not say which data it was made from, so its cases can't be shown.
data-other = { $variable } names other tables than this report was made from, so its cases can't be shown.
data-checking = Checking the data folder…
data-reading = Reading the data folder…

## Dashboard: reports and their files

report-kind = { $kind ->
    [evaluation] evaluation report
    [contributions] report on contributions
    [robustness] report on robustness
    [faithfulness] report on relevance methods
    [lab] report of the lab
   *[compression] report on smaller models
 }
report-too-large = The report is too large: at most { $megabytes } MB are read.
report-wrong-file = This file is not a report of the kind “{ $kind }”. Choose the JSON that `python -m mm_core` wrote.
report-rows-too-large = The rows are too many: at most { $megabytes } MB are read.
report-rows-unreadable = The rows can't be read. Choose the CSV that was written beside the report, one row a case.
report-column-missing = { $wrong } The column “{ $column }” is missing.
report-rows-too-many = There are too many rows: at most { $most } cases are read.
report-none = There is no { $report }.
report-make = Make one with this command, or bring one that was made elsewhere.
report-of-no-model = This { $report } does not say which model it measured, so it may not be { $model }.
report-of-another-model = These figures are of the model { $measured } ({ $hash }), not of { $model } ({ $own }), which answers here now. Its own are made with --model.
report-nameless = without a name
origin-model = model { $model }
origin-count = { NUMBER($count) } { $modality }
origin-rows = { $split ->
    [none] its rows ({ $counted })
   *[other] { $split } rows ({ $counted })
 }
origin-runs = { NUMBER($count) } runs
origin-commit = commit { $commit }
origin-intervals = intervals: { $interval }
origin = { $whose ->
    [own] { $made ->
        [none] Your report: { $facts }. SHA-256 { $digest }.
       *[other] Your report of { $made }: { $facts }. SHA-256 { $digest }.
    }
   *[shipped] { $made ->
        [none] Report: { $facts }. SHA-256 { $digest }.
       *[other] Report of { $made }: { $facts }. SHA-256 { $digest }.
    }
 }
origin-unsaid = It does not say: { $unsaid }.
report-reading = Reading the report…
report-drawing = Drawing…
report-bring = Look at a report of your own
report-bring-how = Made on other rows by the same command, it opens here:
report-bring-file = The report (JSON)
report-bring-rows = Its rows (CSV), for curves and cases
report-open = Open
report-back = Back to the shipped one
review-check = { $check ->
    [answer] The answer fits what was given
    [confidence] It is neither too sure nor too unsure
    [contributions] The right inputs decided
    [maps] The maps point at what matters and beat chance
   *[warnings] The warnings were read and are acceptable
 }
review-broken = This file is not a review that can be opened. Choose a .zip that the Review page saved.
review-default-title = Review
review-full = A review holds at most { $most } cases. Save this one and begin another.
review-too-large = The review is larger than { $megabytes } MB. Save it in parts.
review-file-too-large = The file is too large for a review: at most { $megabytes } MB are opened.
review-other-version = This review was saved by another version of the dashboard and can't be opened here.

## Dashboard: Attention

attention-lead = Where the fusion looks between words, face and voice. Attention shows where the model looks, not yet what decides: compare it with the tested maps on the Case page.
attention-missing = This case has no attention between inputs.
attention-missing-how = It needs two inputs at least. Choose a case with words and a face, say.
attention-layer-choose = Layer
attention-layer = { $layer ->
    [mean] mean of all layers
    [rollout] rollout: followed through all layers
   *[other] layer { $layer }
 }
attention-head-choose = Head
attention-head = { $head ->
    [mean] mean of all heads
   *[other] head { $head }
 }
attention-all-heads = all
attention-rollout-heads = Rollout averages the heads.
attention-follow = Follow one part
attention-follow-how = Click a word, a part of the face or a moment of the voice; the others answer.
attention-part = Chosen part
attention-part-help = Or click in one of the charts.
attention-show = Show
attention-direction = { $direction ->
    [from] what it looks at
   *[to] who looks at it
 }
attention-all-of-pair = All of one pair
attention-all-of-pair-how = Every part of one input against every part of another, and what each head does.
attention-pair-choose = From and to
attention-pair = from { MODALITY($query) } to { MODALITY($other) }
attention-rows-choose = Rows show
attention-rows = { $drawn ->
    [difference] differences from the mean row
   *[attention] attention itself
 }

## Dashboard: Case

case-lead = What the model answers to one case, why, and whether that explanation can be trusted.
case-why-lead = What each input, and each combination of them, says about one class.
case-maps = Which parts of the inputs
case-maps-lead = The words, the parts of the face and the moments of the voice that matter.
case-keep-lead = Save the record, mail it, or put it into a review.
case-measure-help = Centred logits add up cleanly; probabilities are easier to read but bend near 0 and 100%.
case-interactions = Do inputs work together? The interaction index of every class
case-test = Test these maps against chance
case-test-help = Takes some seconds: parts are taken away in the map's order and in 99 random orders.
case-method = Method
case-method-default = each input's default ({ $methods })
case-evidence = Evidence (.triad)
case-report = Report (HTML)
review-add-case = Add to the review
review-added-case = In the review: { $title }
case-files-hold = Both files hold what was given.

## Dashboard: Contributions

contributions-lead = What words, face and voice add to the answers over many cases, on triples composed of rows that share a label.
contributions-measures = What these four measures say, and what they do not
contributions-measures-text =
     - **Shares** say how much of one answer came from each input (Shapley values of the predicted class; MM-SHAP, 2023). They speak about the model's behaviour, right or wrong.
     - **SHAPE** says what each input adds to the accuracy (Shapley values of accuracy, 2022).
     - **Perceptual Score** says how much accuracy goes when one input is taken from another case (2021).
     - **EMAP** says whether inputs have to interact: the model is replaced by the closest sum of functions of one input each (2020; here for three inputs, and for pairs).

     All of them are measured on composed triples, independent given the label: real people's words, face and voice hang together in ways that these figures can't show.
contributions-together = Together, or against each other
contributions-together-lead = Must inputs work together, and what happens where they differ?
report-no-rows = This report came without its rows.
contributions-no-rows-how = Give them with it: contributions --rows writes them.
contributions-choose = Cases in which
contributions-kind = { $kind ->
    [differ] the inputs' own answers differ
    [wrong] the answer is wrong
    [odd] one input carries another label
   *[all] every case
 }
contributions-cases = { $more ->
    [yes] { NUMBER($count) } cases, the surest { NUMBER($most) }
   *[no] { NUMBER($count) } cases
 }
contributions-cases-caption = Truth and answers by input; share: of what moved the answer. Rows are counted within the split, from 0; the report holds no raw media of the data sets.

## Dashboard: Evaluation

evaluation-lead = How often the answers are right, for each input alone, each pair and all three, with 95% intervals.
evaluation-view = { $view ->
    [figures] Figures
    [confusion] What is taken for what
    [curves] ROC and precision
    [calibration] Calibration
   *[slices] Slices
 }
choose-task = Task
choose-inputs = Inputs
choose-rows = Rows
choose-view = View
evaluation-all-rows = all rows
choose-metric = Metric
evaluation-own-labels = { $title }, answers restricted to its own labels
evaluation-nothing = There are no cases for this choice.
evaluation-nothing-how = Choose other inputs or rows.
evaluation-cell = **The cases of a cell:** click one in the chart, or choose here. They are listed below.
choose-truth = Truth
choose-answer = Answer
evaluation-no-rows-how = Give them with it: evaluate --rows writes them.

## Dashboard: Lab

lab-lead = The classic ways of fusing words, face and voice, trained and tested on the same work, and smaller versions of the model that ships.
lab-view = { $view ->
    [strategies] Strategies
    [cost] Cost and calibration
    [stress] Under stress
    [inputs] Who is heard
    [pairs] Two runs
   *[small] Smaller models
 }
lab-data = { $data ->
    [attention] Composed cases, ways of attending
    [mosi-transcripts] CMU-MOSI, our text tower
    [mosi-features] CMU-MOSI, given features
   *[composed] composed triples
 }
lab-about-data = { $data ->
    [attention] Composed cases, on which four ways of cross-attention are compared: whether what a word looks at depends on the word, and whether what is looked at matters.
    [mosi-transcripts] Speakers of video reviews, positive or negative. Their words are read by the text tower that ships; voice and video are the features that came with the set.
    [mosi-features] Speakers of video reviews, positive or negative. Each utterance is three vectors of features that came with the set and that the literature uses.
   *[composed] Seven emotions. Words, face and voice come from different people who share a label, read by the towers of the model that ships: what fusion gains here comes from composing.
 }
lab-variant = { $variant ->
    [utterance] each utterance alone
   *[neighbours] with the utterances around it
 }
lab-depends = attention depends on what asks
lab-removal = lost with what is looked at
lab-attention = How to read the columns on attention: the first is 0 where every word looks at the same places and about 1 where each looks at places of its own. The second says how much more of the answer's probability goes when the three parts of each input that attention looks at most are taken away than when three others are; at 0, what attention looks at matters no more than anything else.
lab-table = { NUMBER($strategies) } strategies, { $seeds } seeds each: mean and standard deviation (±)
lab-mean-of-seeds = mean of { $count }
choose-data = Data
lab-context = Context
lab-seed-range = { $first } to { $last }
lab-glossary = What each strategy does
lab-calibration = Calibration: an answer that is 80% sure should be right 80% of the time. The calibration error is the mean gap; the log-likelihood also counts how much probability the truth got.
lab-stress = One input gets worse, or lies
lab-stress-lead = Which strategy keeps its answer?
choose-input = Input
lab-missing = Inputs are missing
lab-shares = Shares speak about what a strategy does, right or wrong. What is lost without an input stands under “Under stress”.
lab-no-rows-how = Give them with it: `lab run` writes lab_rows beside its report.
lab-pair = { $first }: { $first_share } right. { $second }: { $second_share } right.
lab-first = First
lab-second = Second
lab-same = Both sides are the same.
lab-same-how = Choose another strategy or another seed on one side.
lab-flips = { $count } cases flip: one side is right on them and the other wrong
lab-no-media = Cases are named, not shown: the report holds no raw media of the data sets.
lab-side-strategy = { $side } strategy
choose-seed = Seed
choose-judged-on = Judged on
lab-models = { $count } models, judged on { $inputs }
lab-models-how = How each was made

## Dashboard: Overview

overview-title = What this model can do, and what not
overview-lead = Triad reads a text, looks at a face and listens to a voice, says which emotion and which sentiment they express, and shows what that answer comes from. Any of the three may be missing.
overview-no-report-of-model = There is no evaluation report of this model yet.
overview-no-report-of-model-how = More figures appear here once one was made:
overview-no-report = There is no evaluation report yet.
overview-no-report-how = Figures appear here once one was made:
overview-limits = Known limits
overview-provenance = Where these figures come from
overview-further = Look further
overview-strangers-lead = The weights that answered had learned nothing from these sources. Expect this much of your own cases.
overview-met = On held-out rows of the sources it learned from
overview-given = { $given ->
    [text] Words
    [image] Face
    [audio] Voice
   *[all] All three
 }
overview-headline = { $given ->
    [text] macro-F1 over the emotions
    [image] right answers
    [audio] mean recall over the emotions, unseen speakers
   *[all] right answers on composed triples
 }
overview-stranger-metric = { $metric ->
    [uar] mean recall over its emotions
   *[macro_f1] macro-F1
 }
overview-limit = { $limit ->
    [expression] It judges the expression that words, face and voice show, not what a person feels.
    [learned] The text model reads English and Chinese; the faces it learned from are mostly web and press photos, the voices mostly actors who play an emotion.
    [composed] No public data here shows one person's words, face and voice at once: triples are composed of rows that share a label, so what all three gain together comes from composing and is no headline.
   *[judging] Not for judging people at work or school, which the EU AI Act forbids, and not for medical use.
 }
overview-speakers = The voice was judged on { $count } speakers: its intervals say little about other people's voices.
overview-maps-tested = Relevance maps were tested against chance on test rows; each map says its verdict.
overview-link = { $page ->
    [case] One case: the answer and why
    [evaluation] How good it is, class by class
    [robustness] What happens when inputs get worse
    [contributions] What each input adds, over all cases
    [lab] Other ways of fusing, on one task
   *[review] Collect cases into a report
 }
provenance-fact = { $fact ->
    [model] Model
    [answers] Answers
    [rows] Rows judged
    [intervals] Intervals
    [made] Made
   *[digest] SHA-256 of the report
 }
provenance-model = { $match ->
    [same] { $model }, { $hash } (the model that runs now)
    [other] { $model }, { $hash } (NOT the model that runs now: figures may differ)
   *[none] { $model }, { $hash } (no model runs at the moment)
 }
provenance-no-model = the report does not say which
provenance-no-counts = the report does not say how many
provenance-no-intervals = the report does not say how they were made
provenance-unsaid = not said
provenance-rows = { $counted }; split: { $split }; sources: { $sources }
provenance-made = { $made }, by commit { $commit }

## Dashboard: Review

review-lead = Collect cases with your comments, tick off what you checked, and take it along: a report to mail, and a file that opens here again.
review-empty = The review is empty.
review-empty-how = Add a case above, press Add to the review on the Case page, or open a review that was saved.
review-title = Title
review-summary = Summary
review-summary-placeholder = What did you look at, and what do you conclude?
review-progress = { $done } of { $count } cases checked in full
review-export = Take it along
review-add-or-open = Add cases or open a saved review
review-cases = Cases
review-add = Add
review-saved-cases = Saved cases (.triad)
review-saved = A saved review (.zip)
review-saved-help = Opening one takes the place of what is collected here.
review-added = Added: { $title }
review-remove = Take case { $number } out of the review
review-comment = Comment
review-verdicts = Maps for { LABEL($label) }: { $verdicts }.
review-zip = Review with its Evidence (.zip)
review-export-caption = The report is one page that opens without a network. Both files hold what was given of every case that kept its inputs, and the words of every text.

## Dashboard: Robustness

robustness-lead = What happens when inputs get worse, are missing, or contradict each other, on triples composed of rows that share a label.
robustness-worse = Worse inputs
robustness-worse-lead = One input gets worse from left to right; the others stay as they were.
robustness-missing = Missing and contradicting inputs
robustness-missing-lead = Whom does the answer follow when one input says something else?

## Dashboard: What-if

what-if-lead = Change one thing, everything else stays: that shows what the answer hangs on.
what-if-change = Change
what-if-kind = { $kind ->
    [remove] Take an input away
    [mask] Mask words
    [cover] Cover part of the face
    [mute] Mute part of the voice
    [edit] Edit the words
    [swap] Swap an input
   *[unreferred] Forget the normal voice
 }
what-if-no-input = This case has no { $input }.
what-if-no-input-how = Choose another change, or a case that has one.
what-if-no-model = This change needs a model.
what-if-no-model-how = { $reason } Taking an input away works without one.
what-if-not-kept = The inputs were not kept with this case.
what-if-not-kept-how = Only taking an input away can be tried. Give them anew.
what-if-other-model = Another model explained this case.
what-if-other-model-how = Bring its inputs again, or start that model; taking an input away works without one.
what-if-one-input = This case has one input only.
what-if-one-input-how = Something must stay. Choose a case with two or three.
what-if-take-away = Take away
what-if-choose = Choose what to take away.
what-if-choose-how = At least one input must stay.
what-if-masked = Masked words
what-if-masked-placeholder = Click a word above, or choose here
what-if-across = From left to right, pixels
what-if-down = From top to bottom, pixels
what-if-muted = Muted, seconds
what-if-words = Words
what-if-words-help = Press Ctrl and Enter to apply.
what-if-unchanged = Nothing has changed yet.
what-if-unchanged-how = Change a word and press Ctrl and Enter.
what-if-swap = Swap
what-if-swap-with = With that of
what-if-own-file = a file of your own
what-if-example = the example “{ $title }”
what-if-other-file = The other one
what-if-nothing-to-swap = Nothing to swap in yet.
what-if-nothing-to-swap-how = Choose an example or a file.
what-if-drag = Drag over the chart to choose a part, or use the sliders.
what-if-compared = Before and after
what-if-before = Before
what-if-after = After:
what-if-points = { $label } { $points } points
what-if-moved-most = Moved most: { $moved }
what-if-go-on = Go on with the changed case

## Charts: answers and agreement

answer-now = now
answer-before = before
before-hover = { $name } before: { $share }
before-reading = The upright stroke is where that probability was before the change.
agreement-bars-title = Do the inputs agree?
agreement-bars-reading = Each bar is the probability that two of the inputs express the same emotion. That they agree or disagree is only said where four of five such pairs do.

## Charts: attention

attention-none-between = There is no attention between these two: one of them is absent, or the model's fusion has none.
attention-from-title = What { $unit } looks at in the { $key }{ $which }
attention-to-title = Who in the { $query } looks at { $unit }{ $which }
attention-choose = { $modality ->
    [text] Choose a word
    [image] Choose a patch
   *[audio] Choose a moment
 }
attention-chosen = Chosen: { $unit }
attention-choose-reading = { $modality ->
    [text] Click a word to follow its attention; the chosen one is framed.
    [image] Click a patch to follow its attention; the chosen one is framed.
   *[audio] Click a moment to follow its attention; the chosen one is framed.
 }
heads-title = What each head does, from { $query } to { $key }
head-entropy = entropy
head-reach = reach
head-end = { $end ->
    [one] one place
    [half] half
   *[all] everywhere
 }
heads-reading = A head further to the left looks at few places, one to the right at everything alike: the dot is its entropy, the diamond the share of places that take nine tenths of its attention.
unit-quoted = { $modality ->
    [text] “{ $label }”
    [image] the patch at { $label }
   *[audio] the moment at { $label }
 }
unit-row = row { $number }

## Charts: maps and their tests

relevance-title = { $modality ->
    [text] Which words matter for { LABEL($label) }
    [image] Which patches matter for { LABEL($label) }
   *[audio] Which moments matter for { LABEL($label) }
 }
relevance-none = This map has not been made: there is no { $method } relevance for the { MODALITY($modality) }.
map-attention-reading = { $modality ->
    [text] The stronger a word's colour, the more attention it takes part in; attention is not yet a reason.
    [image] The stronger a patch's colour, the more attention it takes part in; attention is not yet a reason.
   *[audio] The stronger a moment's colour, the more attention it takes part in; attention is not yet a reason.
 }
map-greyed-reading = { $modality ->
    [text] Shown in grey, because random orders do as well: this map is no better than chance and tells nothing about single words.
    [image] Shown in grey, because random orders do as well: this map is no better than chance and tells nothing about single patches.
   *[audio] Shown in grey, because random orders do as well: this map is no better than chance and tells nothing about single moments.
 }
map-signed-reading = { $modality ->
    [text] Red and + mark each word that speaks for the class, blue and − each that speaks against it; { $verdict }.
    [image] Red and + mark each patch that speaks for the class, blue and − each that speaks against it; { $verdict }.
   *[audio] Red bars upwards mark moments that speak for the class, blue ones downwards those that speak against it; { $verdict }.
 }
map-amount-reading = { $modality ->
    [text] The stronger the colour of a word, the more it matters for the answer, for it or against it; { $verdict }.
    [image] The stronger the colour of a patch, the more it matters for the answer, for it or against it; { $verdict }.
   *[audio] The stronger the colour of a moment, the more it matters for the answer, for it or against it; { $verdict }.
 }
map-verdict = { $verdict ->
    [better-than-chance] taking these away changes the answer more than taking away random ones does
    [not-testable] there are too few of them to test this map against chance
   *[not-tested-yet] this map has not been tested against chance yet
 }
colour-end = { $end ->
    [against] against
    [none] no effect
    [for] for
    [less] less
   *[more] more
 }
picture-not-kept = The picture itself was not kept; the map lies where the face was.
sound-time = Time runs to the right, in seconds of the clip as given.
sound-not-kept = The sound itself was not kept.
text-cut = not read: the text was cut here
deletion-title = Does the map of the { MODALITY($modality) } beat chance?
deletion-not-testable = { $modality ->
    [text] Not testable: there are too few words to tell this map from a random one.
    [image] Not testable: there are too few patches to tell this map from a random one.
   *[audio] Not testable: there are too few moments to tell this map from a random one.
 }
deletion-part = { $test ->
    [deletion] { $modality ->
        [text] Best words taken away: lower is better
        [image] Best patches taken away: lower is better
       *[audio] Best moments taken away: lower is better
    }
   *[insertion] { $modality ->
        [text] Best words put back: higher is better
        [image] Best patches put back: higher is better
       *[audio] Best moments put back: higher is better
    }
 }
deletion-axis = { $modality ->
    [text] share of words
    [image] share of patches
   *[audio] share of moments
 }
deletion-hover = { $test ->
    [deletion] { $share } taken away: { $left }
   *[insertion] { $share } put back: { $left }
 }
deletion-p = { $test ->
    [deletion] p = { $p }, decides
   *[insertion] p = { $p }
 }
deletion-reading = { $alone ->
    [yes] { $modality ->
        [text] A map that is right makes { LABEL($label) } fall faster than the grey band of random orders when its top words are taken away, and rise faster when they are put back (with this input alone); { $verdict }.
        [image] A map that is right makes { LABEL($label) } fall faster than the grey band of random orders when its top patches are taken away, and rise faster when they are put back (with this input alone); { $verdict }.
       *[audio] A map that is right makes { LABEL($label) } fall faster than the grey band of random orders when its top moments are taken away, and rise faster when they are put back (with this input alone); { $verdict }.
    }
   *[no] { $modality ->
        [text] A map that is right makes { LABEL($label) } fall faster than the grey band of random orders when its top words are taken away, and rise faster when they are put back (with the other inputs present); { $verdict }.
        [image] A map that is right makes { LABEL($label) } fall faster than the grey band of random orders when its top patches are taken away, and rise faster when they are put back (with the other inputs present); { $verdict }.
       *[audio] A map that is right makes { LABEL($label) } fall faster than the grey band of random orders when its top moments are taken away, and rise faster when they are put back (with the other inputs present); { $verdict }.
    }
 }
beats-random = { $beats ->
    [yes] beats random orders (p = { $p })
   *[no] does not beat random orders (p = { $p }, where less than { $needed } is needed)
 }
random-median = random orders, median
random-band = random orders, 5 to 95%
random-hover = random: { $share }
this-map = this map
deletion-verdict = verdict: { $verdict }
deletion-both-verdicts = verdict: { $verdict }, as taking away decides, which { $taken }; putting back, told beside it, { $back }
nothing-to-show = nothing to show

## Charts: contributions

waterfall-steps = Step by step (dividends)
waterfall-inputs = Each input (Shapley values)
step-hover = from { $start } to { $end }
waterfall-start = nothing given
waterfall-end = the answer
waterfall-reading = { $unit ->
    [logit] Read from top to bottom: every input and every combination moves the centred logit of { LABEL($label) } to the right (for it) or to the left (against it) until the answer is reached; grey steps belong to several inputs together.
   *[probability] Read from top to bottom: every input and every combination moves the probability of { LABEL($label) } to the right (for it) or to the left (against it) until the answer is reached; grey steps belong to several inputs together.
 }
steps-axis = { $unit ->
    [logit] centred logit of { LABEL($label) }
   *[probability] probability of { LABEL($label) }
 }
waterfall-title = What moves the answer towards { $label }
shares-title = Who speaks about { $label }
shares-none = No input moves this answer, so there are no shares.
shares-reading = The longer a bar, the more that input moved the answer about { $label }, for it or against it.
interactions-title = Do inputs work together?
interactions-none = There is one input only, so nothing can interact.
interactions-reading = { $unit ->
    [logit] A positive number (red) means that these inputs together say more for a class than each says by itself, a negative one (blue) that they repeat or contradict each other; unit: centred logit.
   *[probability] A positive number (red) means that these inputs together say more for a class than each says by itself, a negative one (blue) that they repeat or contradict each other; unit: probability.
 }
lattice-reading = Each entry is the answer when only those inputs are given, from nothing below to all of them on top; a solid red line means that adding an input raised { $label }, a dotted blue one that it lowered it, the thicker the more.
lattice-title = The answer to every combination
sureness = { $sure ->
    [yes] { PERCENT($confidence) }
   *[no] { PERCENT($confidence) }, not sure
 }
report-no-measure = The report does not hold this measure.
shares-by-class-title = How much each input says, over all cases
shares-by-class-reading = Each box holds the middle half of the cases and its line the median: the further right, the larger that input's share of what moved the answer; whiskers reach from 5 to 95% of the cases.
shape-title = What each input adds to the accuracy (SHAPE)
shape-reading = Each dot is the share of accuracy that an input brings on average over all orders of adding them; below, in grey, what inputs bring only together (above 0) or bring twice (below 0). The bars are 95% intervals.
perceptual-title = What is lost when an input is swapped (Perceptual Score)
perceptual-reading = Each dot is the accuracy lost when that input is taken from another case: the further right, the more the model relies on it. The bars are 95% intervals.
accuracy-lost = accuracy lost
emap-title = Does the model need inputs to interact? (EMAP)
emap-projection = { $projection ->
    [full] the model
    [pairwise] pairs may interact
   *[additive] nothing interacts
 }
emap-reading = Where the open dots lie as far right as the full one, adding up what each input says by itself would answer as well. The bars are 95% intervals; the random draws add a standard error of up to { $error }.
disagreement-title = When the inputs' own answers differ
disagreement-bars-reading = Each dot is the accuracy on the cases whose inputs, each judged alone, get the same answer or different ones; the bars are 95% intervals.

## Charts: evaluation

metric = { $metric ->
    [accuracy] accuracy
    [macro_f1] macro-F1
    [multilabel_macro_f1] macro-F1 over several labels
    [multilabel_macro_f1_at_0-3] macro-F1 over several labels, cut at 0.3
    [weighted_f1] weighted F1
    [uar] unweighted average recall
    [ece] calibration error (ECE)
   *[nll] negative log-likelihood (nats)
 }
met = { $met ->
    [learned-from] other rows of this corpus trained the model
    [never-seen] the weights that ship never saw this corpus
   *[left-out] by a training made without this corpus, not by the weights that ship
 }
report-no-rows-for-choice = The report holds no rows for this choice.
metric-product = product of the three single answers
metric-by-input = { $task ->
    [emotion] { $metric } by input, emotion
    [sentiment] { $metric } by input, sentiment
   *[other] { $metric } by input, { $task }
 }
metric-by-input-reading = { $side ->
    [left] Each dot is the { $metric } on { $rows }, its bar the 95% interval; the further left, the better.
   *[right] Each dot is the { $metric } on { $rows }, its bar the 95% interval; the further right, the better.
 }
rows-of = { $split ->
    [all] { $source ->
        [all] all rows
       *[other] all rows of { $source }
    }
    [none] { $source ->
        [all] the judged rows
       *[other] the judged rows of { $source }
    }
   *[other] { $source ->
        [all] { $split } rows
       *[other] { $split } rows of { $source }
    }
 }
strangers-title = Mean recall on sources that the model has never met
strangers-none = This report holds no source that the model had never met.
strangers-reading = Each dot is the recall averaged over the labels (for sentiment, macro-F1) on a source that the weights that answered had never met. Full: the weights that ship; open: a training made without that source.
mean-recall = mean recall
slices-reading = Each dot is the { $metric } on that slice, its bar the 95% interval; bars that overlap may not differ.
confusion-title = What is taken for what: { $inputs }, { $task }
confusion-cell = { $truth } taken for { $answer }: { $count } of { $all }
confusion-point = { $truth } taken for { $answer }: { $count }
confusion-reading = Each row is one true class and adds up to 100: the numbers say in percent what it was taken for, so the diagonal is the recall.
axis-answer = answer
axis-truth = truth
per-class-title = Precision and recall: { $inputs }, { $task }
per-class-reading = Precision (diamond): of the answers of this class, the share that is right; recall (dot): of the cases of this class, the share that is found.
roc-title = { $what ->
    [none] ROC of each class
   *[other] ROC of each class, { $what }
 }
roc-reading = The closer a curve comes to the top left corner, the better that class is told from all others; on the dotted diagonal it would be guessing (AUC 0.5).
roc-axis = { $axis ->
    [x] false alarms
   *[y] found
 }
precision-recall-title = { $what ->
    [none] Precision and recall of each class
   *[other] Precision and recall of each class, { $what }
 }
precision-recall-reading = The closer a curve stays to the top, the fewer wrong finds come with each share of the cases found; rare classes start lower, so compare classes with care.
precision = precision
recall = recall
confidence = confidence
share-right = right
share-wrong = wrong
reliability-title = Does 80% sure mean 80% right?
reliability-line = { $when ->
    [before] before scaling, ECE { $error }
   *[after] after scaling, ECE { $error }
 }
reliability-hover = { $sure } sure, { $right } right, { $count } cases
reliability-reading = On the dotted diagonal the model is right as often as it says; below it, it is too sure of itself, above it not sure enough. Bigger marks hold more cases.
risk-title = What if it may stay silent?
risk-hover = { $answered } answered, { $wrong } of them wrong
risk-sure-hover = sure: { $answered } answered, { $wrong } wrong
risk-sure = sure on { $share }, of which { $wrong } wrong
risk-axis = answered, the surest first
risk-reading = Further left the model only answers where it is surest, so fewer answers are wrong; a good model's curve stays low for long (area below it: { $area }).
slice = { $by ->
    [source] source
    [speaker] speaker
    [words] length of the text, in words
    [brightness] brightness of the face, 0 to 1
    [loudness] loudness, dB under full scale
   *[seconds] length of the clip, in seconds
 }

## Charts: robustness

noise-none = clean
noise-line = { $given ->
    [alone] { MODALITY($modality) } alone
   *[together] with the others, clean
 }
noise-title = { $kind } in the { MODALITY($modality) }
noise-right-hover = { $line }: { $share } right
noise-sure-hover = { $line }: { $share } sure
noise-confidence = its confidence, { $line }
noise-reading = The share of right answers as this input gets worse to the right, with the band of its 95% interval where there is one; the thin dotted line is the mean confidence, which should fall along.
missing-title = When inputs are missing
missing-reading = Each dot is the accuracy when only these inputs are given, on the same cases; the bars are 95% intervals.
conflict-title = When the { MODALITY($modality) } contradicts the rest
conflict-follows = { $whom ->
    [follows_rest] follows the other inputs
    [follows_odd] follows the odd one
    [neither] follows neither
   *[noticed] the conflict is noticed
 }
conflict-false-alarms = noticed where there is none
conflict-reading = Each dot is the share of such cases, its bar the 95% interval; the last two rows compare how often a conflict is noticed with how often one is seen where there is none.
conflict-axis = share of cases

## Charts: lab

lab-no-runs = The report holds no runs with this measure.
lab-cost = { $cost ->
    [parameters] trained parameters
   *[seconds] seconds of training, one thread
 }
metric-by-strategy = { $metric } by strategy
metric-by-strategy-reading = { $elsewhere ->
    [yes] { $side ->
        [left] Each dot is a strategy's mean over its seeds, which are the small ticks, and its bar the 95% interval of that mean; the further left, the better. Filled: fused inside the model; open: finished answers joined; open and grey: figures from elsewhere, made another way.
       *[right] Each dot is a strategy's mean over its seeds, which are the small ticks, and its bar the 95% interval of that mean; the further right, the better. Filled: fused inside the model; open: finished answers joined; open and grey: figures from elsewhere, made another way.
    }
   *[no] { $side ->
        [left] Each dot is a strategy's mean over its seeds, which are the small ticks, and its bar the 95% interval of that mean; the further left, the better. Filled: fused inside the model; open: finished answers joined.
       *[right] Each dot is a strategy's mean over its seeds, which are the small ticks, and its bar the 95% interval of that mean; the further right, the better. Filled: fused inside the model; open: finished answers joined.
    }
 }
metric-against-cost = { $metric } against { $cost }
metric-against-cost-reading = { $better ->
    [down] Down and left is better. The dotted line joins the strategies that no cheaper one matches, which are coloured and, where there is room, named; bars are 95% intervals over seeds, so a step smaller than they are may be chance.
   *[up] Up and left is better. The dotted line joins the strategies that no cheaper one matches, which are coloured and, where there is room, named; bars are 95% intervals over seeds, so a step smaller than they are may be chance.
 }
late-title = Is the default worse than joining finished answers?
late-none = The report compares no default with a late strategy on this data.
late-against = against { $strategy }
late-axis = difference of accuracy
late-reading = { $shown ->
    [yes] Right of 0 the default is better. It counts as not worse where its whole 95% interval lies right of the dashed line, { $points ->
        [one] 1 point
       *[other] { NUMBER($points) } points
    } below 0. That holds here.
   *[no] Right of 0 the default is better. It counts as not worse where its whole 95% interval lies right of the dashed line, { $points ->
        [one] 1 point
       *[other] { NUMBER($points) } points
    } below 0. That is not shown against { $strategies }.
 }
pair-too-few = { $points } points lie between the two on { NUMBER($count) } cases, which come from too few groups to say whether that is chance.
pair-verdict = { $better ->
    [first] { $first } is right more often: { $points } points ({ $low } to { $high }) of { NUMBER($count) } cases.
    [second] { $second } is right more often: { $points } points ({ $low } to { $high }) of { NUMBER($count) } cases.
   *[neither] These cases do not tell the two apart: { $points } points ({ $low } to { $high }) of { NUMBER($count) } cases.
 }
pair-minus = { $first } minus { $second }
pair-first-minus-second = first minus second
pair-difference-axis = difference of accuracy, n = { NUMBER($count) }
pair-reading = Right of 0 the first is right more often. The bar is the 95% interval over resampled cases, both judged on the same ones; where it crosses 0, another sample of cases could turn the order round.
discordance-title = Who is right on which cases
discordance-none = McNemar's test asks about two single runs: choose one seed on each side to see who is right where.
discordance-reading = { $differ ->
    [yes] The first alone is right on { NUMBER($first) }, the second alone on { NUMBER($second) }; if both were equally good, a split this uneven or worse came about with p = { $p }: so rarely by chance that they differ.
   *[no] The first alone is right on { NUMBER($first) }, the second alone on { NUMBER($second) }; if both were equally good, a split this uneven or worse came about with p = { $p }: often enough by chance that they may not differ.
 }
p-tiny = less than 0.001
lab-missing-reading = Each number is the accuracy in percent with these inputs only, the mean over seeds; the darker, the better. A strategy that was trained to miss inputs loses little from left to right.
lab-given-axis = given
lab-noise-axis = noise
lab-noise-title = When the { MODALITY($modality) } gets noisy
lab-noise-reading = Each number is the accuracy in percent when noise is laid over the { MODALITY($modality) }, whose strength, in standard deviations of that input, grows to the right; the others stay clean.
conflict-rest = the two that agree
conflict-neither = neither
lab-lies-title = When the { MODALITY($modality) } lies
lab-lies-reading = Each bar is all cases in which the { MODALITY($modality) } says something else than the two others, split by whom the answer follows; the longer the grey part on the left, the less one lying input can do.
lab-shares-reading = Each bar is all that moved a strategy's answers, split by input: the mean share of the Shapley values' sizes. A short part says that this strategy hardly listens to that input.
lab-shares-title = What each input says, by strategy
not-measured = not measured
compression-title = { $cost ->
    [size_mb] Size against accuracy: { $inputs }
   *[latency] Speed against accuracy: { $inputs }
 }
compression-cost = { $cost ->
    [size_mb] megabytes on disk
   *[latency] time of a case, the shipped model's = 1
 }
compression-shipped = as shipped
compression-none = The report holds no models with this measure.
compression-reading = Up and left is better. The dotted line joins the models that no other beats in both, which are coloured and, where there is room, named; the bars are 95% intervals over test rows, which all models share.

## Page: many cases

batch-title = Many cases at once
batch-upload = CSV file or zip archive
batch-start = Read all
batch-sample = Download a sample file
batch-help = Give a CSV file with one case a row, or a zip archive that holds the CSV and the pictures and sounds it names. New here? Download the sample, and give it back as it is.
batch-without-table = A zip archive without a CSV works, too: files of one name make one case, such as anna.txt, anna.jpg and anna.wav.
batch-limits = Up to { NUMBER($rows) } rows and { NUMBER($megabytes) } MB. A row that can't be read is named in the results; the others are answered. The upload and the results are deleted after 15 minutes.
batch-empty-title = The results appear here
batch-empty-how = You get how often each emotion was answered, every row with its answer, and a file with all numbers. Rows with a label also show how often the answers are right.
batch-columns = Columns of the CSV. Give at least one of the first three; any cell may be empty.
batch-columns-head = { $head ->
    [column] Column
    [holds] What a cell holds
   *[example] For example
 }
batch-column-holds = { $column ->
    [text] The words, in English or Chinese
    [image] The name of a picture of a face in the archive
    [audio] The name of a sound file with a voice in the archive
    [face] Which face is judged where the picture shows several: 1 for the largest, 2 for the next
    [reference] The name of a sound file with the same person's normal voice, against which the voice is judged
    [label] The emotion or sentiment that the row should be answered with; it turns the batch into an evaluation
   *[force] Inputs to use even if they would be set aside, such as a picture in which no face is found
 }
batch-column-example = { $column ->
    [text] We did it!
    [image] faces/anna.jpg
    [audio] voices/anna.wav
    [face] 2
    [reference] voices/anna-normal.wav
    [label] joy
   *[force] text image
 }
batch-nothing-chosen = Choose a CSV file or a zip archive first.
batch-gone = The file is no longer here: files are deleted after 15 minutes. Give it again.
batch-cancelled = Cancelled; nothing of it was kept.
batch-progress = { NUMBER($done) } of { NUMBER($count) } rows
batch-progress-label = Rows of the batch
batch-answered = { $count ->
    [one] { NUMBER($answered) } of 1 row answered.
   *[other] { NUMBER($answered) } of { NUMBER($count) } rows answered.
 }
batch-not-answered = { $count ->
    [one] Not answered: row { $rows }; the results say why.
   *[other] { $more ->
        [yes] Not answered: rows { $rows } and more; the results say why.
       *[no] Not answered: rows { $rows }; the results say why.
    }
 }
batch-set-aside = { $count ->
    [one] In row { $rows } something was set aside. To use it all the same, name it in a column “force”.
   *[other] { $more ->
        [yes] In rows { $rows } and more something was set aside. To use it all the same, name it in a column “force”.
       *[no] In rows { $rows } something was set aside. To use it all the same, name it in a column “force”.
    }
 }
batch-results-column = { $column ->
    [row] Row
    [given] Given
    [label] Label
   *[answer] Answer
 }
batch-results-caption = Results
batch-more-rows = { $count ->
    [one] One more row is in the results file.
   *[other] { NUMBER($count) } more rows are in the results file.
 }
batch-download = Download the results (.csv)
batch-row = { NUMBER($row) }: { $answer }, { $share }: { $given }
batch-row-differs = { NUMBER($row) }: labelled { $label }, answered { $answer }: { $given }
batch-open-label = Look closer at one row
batch-open = Open as a case
batch-accuracy = { $count ->
    [one] { NUMBER($right) } of 1 labelled row is answered with its label.
   *[other] { NUMBER($right) } of { NUMBER($count) } labelled rows are answered with their label: accuracy { $accuracy }.
 }
batch-commonest = Always answering { LABEL($label) }, the commonest label, would be right for { PERCENT($share) }.
batch-interval = { $shown ->
    [yes] In brackets the 95% bootstrap interval over rows; it speaks for cases like these.
   *[no] There is no interval below { NUMBER($least) } labelled rows.
 }
batch-unknown-labels = { $count ->
    [one] One row has a label that the model does not answer, and is not counted: { $labels }.
   *[other] { NUMBER($count) } rows have labels that the model does not answer, and are not counted: { $labels }.
 }
batch-unanswered-labels = { $count ->
    [one] One labelled row could not be answered, and is not counted.
   *[other] { NUMBER($count) } labelled rows could not be answered, and are not counted.
 }
batch-evaluation-title = How well the answers fit the labels
batch-confusion = What is taken for what
batch-per-label = Each label by itself
batch-no-known-label = No row has a label that the model answers; it answers { $labels }.
batch-no-archive = This row names a file, but only a CSV was given. Put the CSV and its files into one zip archive.
batch-wrong-force = The column “force” names inputs to use even if they would be set aside; a cell takes { $allowed }, or several of them.
batch-too-large = { $what ->
    [upload] The file is too large: at most { NUMBER($megabytes) } MB are read. Split it.
    [table] The table is too large: at most { NUMBER($megabytes) } MB are read. Split it.
    [unpacked] The archive unpacks to more than { NUMBER($megabytes) } MB, which is all that is read. Split it.
   *[member] A file in the archive is too large: at most { NUMBER($megabytes) } MB are read.
 }
batch-too-many = { $what ->
    [files] The archive holds too many files: at most { NUMBER($most) } are read. Split it.
   *[rows] There are too many rows: at most { NUMBER($most) } are read at once. Split the file.
 }
batch-archive-fault = { $fault ->
    [damaged] The zip archive is damaged or of a kind that is not read. Make it again as a plain zip.
    [damaged-file] A file in the archive is damaged or encrypted. Make the archive again.
    [no-such-file] The archive has no file of the name in this row. Check the name, with its folder.
    [two-tables] The archive holds more than one CSV file. Leave the one that lists the cases.
   *[empty] The archive holds neither a CSV file nor any text, picture or sound. Add what is to be read.
 }
batch-table-fault = { $fault ->
    [encoding] The table is not UTF-8 text. Give a CSV file in UTF-8 whose first line names the columns { $columns } (any of them).
    [columns] The table's first line names none of the columns that are read. Give a CSV file in UTF-8 whose first line names the columns { $columns } (any of them).
    [csv] The table can't be read as CSV. Give a CSV file in UTF-8 whose first line names the columns { $columns } (any of them).
   *[rows] There is no row in the table. Give a CSV file in UTF-8 whose first line names the columns { $columns } (any of them).
 }

## Many answers in one chart

distribution-title = { $task ->
    [emotion] How often each emotion was answered
    [sentiment] How often each sentiment was answered
   *[own] How often each label was answered
 }
distribution-none = No row was answered, so there is nothing to count.
distribution-sure = { $sure ->
    [yes] sure
   *[no] not sure
 }
distribution-reading = { $unsure ->
    [0] Each bar counts the rows with that answer. Most frequent is { LABEL($label) }, with { PERCENT($share) } of { NUMBER($count) }; all answers are sure.
   *[other] Each bar counts the rows with that answer, its pale part those that are not sure ({ NUMBER($unsure) } in all). Most frequent is { LABEL($label) }, with { PERCENT($share) } of { NUMBER($count) }.
 }

## Page: about

about-no-report = There is no evaluation report beside this model, so no figure is shown.
about-other-weights = These figures were measured with other weights than those that answer here.
about-figures-title = How well it does
about-given-set = { $task ->
    [emotion] { $set ->
        [text] Words alone, emotion
        [image] Face alone, emotion
        [audio] Voice alone, emotion
        [text-image] Words and face, emotion
        [text-audio] Words and voice, emotion
        [image-audio] Face and voice, emotion
       *[text-image-audio] All three, emotion
    }
   *[sentiment] { $set ->
        [text] Words alone, sentiment
       *[text-image-audio] All three, sentiment
    }
 }
about-column = { $column ->
    [given] Given
    [source] Source
    [n] n
    [accuracy] Accuracy
    [macro_f1] Macro-F1
    [uar] Unweighted recall
    [ece] ECE
   *[met] Who answered
 }
about-caption = Measured on the { $split } rows, { $day }, 95% intervals
about-strangers = On people and sources it has never met
about-reading = Each figure stands with its 95% bootstrap interval. Macro-F1 and unweighted recall count every class alike; ECE is the mean gap between how sure the model is and how often it is right, so less is better. Two and three inputs are composed triples (see below).
about-what-title = What it is
about-what = Triad reads a text, looks at a face and listens to a voice, says which emotion and which sentiment they express together, whether they say the same, and where that answer comes from. Any one, two or three of them are enough.
about-model = Model: { $model }, SHA-256 { $hash }…
about-privacy-title = What happens to what you give
about-privacy = What you give stays in this server's memory while you look at the answer. It is forgotten when you clear the form or close the page, and after 15 minutes at the latest; uploaded files and made downloads are deleted by then too.
about-privacy-after = Nothing of it is logged, stored, shown to others or used for training. The page loads nothing from other servers.
about-cookie = One cookie, triad_visit, holds a random name for an hour at most: by it the server counts how much one visitor uploads, so that nobody fills its disk. It says nothing of who you are and serves nothing else.
about-limits-title = What it can't do
about-limit-name = { $limit ->
    [expression] Expression, not feeling.
    [judging] Not for judging people.
    [acted] Acted speech.
    [composed] Composed triples.
    [english] English and Chinese only.
   *[uneven] Uneven.
 }
about-limit = { $limit ->
    [expression] A score describes what the words, the face and the voice show. People smile when they are sad; the model can't know what anybody feels.
    [judging] Not at work or school, where the EU AI Act forbids it, not in medicine, not by the police, not for any decision about a person.
    [acted] The voices it learned from are of actors who play an emotion. Real voices are quieter and more mixed, and the model is less sure of them, or wrong.
    [composed] No data set here holds words, face and voice of the same moment. Cases of two or three were put together from separate sources that carry the same label, so figures for them say how well the parts are combined, not how well the model would do on recordings of real situations.
    [english] Text in other languages is not read; the voices it learned from spoke English, German and Javanese.
   *[uneven] Who is rare in the data is judged less well: children, old people, faces from the side, dialects.
 }
about-programs-title = From a program
about-programs = The same answers come over HTTP; ADDRESS is where you opened this page:
about-programs-elsewhere = The model runs in another app, and the REST API is at that app's address.
about-reference = The reference lists every route
about-api = “Use via API” at the foot of the page shows the same functions for Gradio's Python and JavaScript clients.
about-terms-title = Terms
about-terms = The code is under Apache-2.0. The weights carry the terms of what they learned from: the RAVDESS recordings are under CC BY-NC-SA 4.0, so no commercial use; FER2013 states no licence. The model card lists every source.

## Film and live

film-no-file = There is no film of that name that can be read. Choose a file.
film-unreadable = This file is not a film that can be read. MP4, MOV, WebM and MKV films are read, and WAV and FLAC sounds; give one of these.
film-damaged = The film is damaged or incomplete. MP4, MOV, WebM and MKV films are read; save it again.
film-too-long = The film takes { DECIMAL($minutes, digits: 1) } minutes; at most { NUMBER($most) } minutes are read. Cut it first.
film-too-many-bytes = The film is too large: at most { NUMBER($megabytes) } MB are read. Save it smaller, or cut it.
film-too-many-tracks = The film has more than { NUMBER($most) } tracks, or reading what it says of itself takes too much memory. Save it with one picture and one sound.
film-too-large = The film's picture is too large: at most 1080p (1920 by 1080 pixels, either way up) is read. Save it smaller.
film-too-fast = The film has too many pictures a second: at most { NUMBER($most) } are read. Save it at a usual rate.
film-codec = The film is compressed in a way that is not read. H.264, HEVC, VP8, VP9 and AV1 pictures are read, and AAC, MP3, Opus, Vorbis and FLAC sound; save it in one of these.
film-sound = The film's sound has a rate or a number of channels that is not read: 4,000 to 384,000 samples a second and at most { NUMBER($most) } channels are. Save it again.
film-empty = The file has neither moving pictures nor sound. Give a film of a person who speaks.
film-no-such-track = The film has no sound track { NUMBER($track) }; it has { NUMBER($count) }.
film-no-picture = The file has no moving pictures, so no face is read.
film-no-sound = The film has no sound, so no voice is heard.
film-tracks = The film has { NUMBER($count) } sound tracks; track { NUMBER($track) } is heard.
film-cut = Only the first { NUMBER($most) } minutes of the film are read.
film-no-face = { $asked ->
    [other] The person that was chosen is not seen here.
   *[none] No face was found in these pictures.
 }
film-options = A window takes { DECIMAL($shortest, digits: 1) } to { NUMBER($longest) } s; from one to the next lie { DECIMAL($hop, digits: 1) } s at least, and no more than a window.
film-numbers = Sound tracks and people are counted from 1.
film-many-windows = That makes more than { NUMBER($most) } windows. Take a hop of { DECIMAL($hop, digits: 2) } s or more, or a shorter film.
subtitles-no-file = There are no subtitles of that name that can be read. Choose a .srt or .vtt file.
subtitles-too-large = The subtitles are too large: at most { NUMBER($megabytes) } MB are read.
subtitles-many-words = The subtitles have more than { NUMBER($most) } words. Give those of this film alone.
subtitles-unreadable = These are no subtitles that can be read. SubRip (.srt) and WebVTT (.vtt) are: lines such as 00:00:01.000 --> 00:00:02.500, and the words below.
timeline-nothing = None of the { NUMBER($count) } windows holds anything that can be judged.
timeline-sentence = Over { NUMBER($count) } windows mostly { LABEL($label) }, { PERCENT($share) } on average; { $unsure ->
    [0] sure in all of them
    [one] not sure in one of them
   *[other] not sure in { NUMBER($unsure) } of them
 }; { $disagreements ->
    [0] no moments at which the inputs are said to disagree
    [one] one moment at which the inputs are said to disagree
   *[other] { NUMBER($disagreements) } moments at which the inputs are said to disagree
 }.
timeline-title = The film over time
timeline-empty = No window of the film is answered yet.
timeline-reading = On top, from bottom to top, the probability of each emotion in each window, pale where the answer is not sure{ $smoothing ->
    [1] {""}
   *[other] , averaged over { NUMBER($smoothing) } windows, with the points where each window itself lies
 }; below, what words, face and voice add to the likeliest one (up: for it, down: against it); lowest, where inputs are said to disagree, where the answer is not sure, and where there is none.
timeline-axis = { $axis ->
    [time] seconds
   *[adds] adds (logit)
 }
timeline-raw = each window itself
timeline-mark = { $mark ->
    [disagree] disagree
    [unsure] not sure
   *[silent] no answer
 }
timeline-peak = { DECIMAL($start, digits: 1) } to { DECIMAL($end, digits: 1) } s: { LABEL($label) }, { PERCENT($share) }.
timeline-clash = { DECIMAL($start, digits: 1) } to { DECIMAL($end, digits: 1) } s: the { MODALITY($first) } and the { MODALITY($second) } are said to disagree.
timeline-cue = { $sure ->
    [yes] { LABEL($label) } { PERCENT($share) }
   *[no] not sure ({ LABEL($label) } { PERCENT($share) })
 }
timeline-kicker = A film judged window by window, { $created }
timeline-moments = Moments to look at
timeline-row = { $row ->
    [windows] Windows
    [reference] Voice judged against
   *[words] Words from
 }
timeline-windows = { DECIMAL($length, digits: 1) } s long, one every { DECIMAL($hop, digits: 2) } s
timeline-reference = { $reference ->
    [given] a normal voice that was given
    [running] the mean of the film's own speech, from 30 s of speech on
   *[none] nothing: the film holds less than 30 s of speech
 }
timeline-words = { $words ->
    [subtitles] subtitles
    [transcriber] a transcriber
   *[none] nowhere: the film is judged without words
 }
film-killed = Reading the film took too long or too much memory. Give a smaller or simpler film.
film-busy = Other films are being watched at the moment. Try again in a minute.
film-changed = This is not the film that was watched, or it is damaged. Watch it again.
film-title = A film, moment by moment
film-lead = One person who speaks, for up to ten minutes: what words, face and voice express in every window of two seconds, which of them adds what, and where they disagree.
film-input = A film
film-subtitles = Subtitles, if there are any (.srt or .vtt)
film-reference-title = The speaker's normal voice
film-reference = Some seconds of calm speech
film-reference-why = The voice is then judged by how it differs from this one. Without it, a film with more than 30 s of speech is compared with its own mean.
film-hop = Seconds from one window to the next
film-person = Whose face
film-person-largest = the largest in each window
film-person-one = person { NUMBER($number) }, { DECIMAL($first, digits: 1) } to { DECIMAL($last, digits: 1) } s
film-start = Watch
film-limits = MP4, MOV, WebM and MKV are read: up to { NUMBER($minutes) } minutes, { NUMBER($megabytes) } MB and 1080p. Nothing of where or when a film was taken is read, and film and answers are deleted after { NUMBER($kept) } minutes.
film-nothing-chosen = No film was given. Upload one or record one with your camera.
film-gone = The film has been deleted meanwhile. Upload it again.
film-progress = { PERCENT($share) } of the film, { NUMBER($count) } windows
film-progress-label = How much of the film is watched
film-cancelled = Stopped.
film-empty-title = No film yet
film-empty-how = While a film is watched its timeline grows here: probabilities of all emotions on top, what words, face and voice add below, and marks where they disagree or where the answer is not sure.
film-smoothing = Smoothing
film-smoothing-choice = { $windows ->
    [1] none: each window itself
   *[other] mean of { NUMBER($windows) } windows
 }
film-moment = Moment in seconds (play the film, click the chart, or type)
film-open = Explain this moment
film-forgotten = The timeline is no longer held. Watch the film again.
film-running-reference = While the film was watched this voice was compared with the film's own mean; here it stands alone.
film-download = { $form ->
    [triad] Record (.triad)
    [html] Page (.html)
    [csv] Table (.csv)
   *[vtt] Subtitles (.vtt)
 }
film-keep = Take it with you
film-keep-lead = The record, a page, a table and subtitles hold answers and the words of the subtitles, no picture and no sound.

## Questions to a case

question-none = This case can't answer that. It holds what the model answered, how sure it is, what each input and its parts add, and whether the inputs agree. Ask, say, “Why { $label }?”, “What if the voice were missing?” or “Which word mattered most?”.
question-why = With nothing given { $label } would have { $start }. From there: { $parts }. So it is { $total }.
question-adds = { $input } { $points }
question-without = Without { $input } { $label } goes from { $before } to { $after }. Likeliest is then { $likeliest }, at { $share }.
question-without-all = Without { $input } nothing is left, and { $label } has what it has before anything is seen: { $after }.
question-not-given = This case has no { MODALITY($modality) }.
question-part = Of { $input }, { $part } speaks the most for { $label }: { $value } in { $measure }, by { $method }. This map is { $verdict }.
question-measure = { $signed ->
    [yes] centred logits
   *[no] weight
 }
question-untested = not tested yet
question-no-map = No map of { $input } was made for { $label }. Explain that class first.
question-sure = { $confidence } sure. On the { $count } rows of the recorded evaluation with the same inputs, confidence and the share of right answers lie { $gap } apart on average; so about { $wrong } of such answers are wrong.
question-sure-unmeasured = { $confidence } sure. How often this model is wrong when it says so was not measured.
question-chance = { $label } has { $share }; likeliest is { $top }, at { $confidence }. That is about the expression shown, not about what a person feels.
question-unknown-label = The model does not answer { $label }. It answers { $labels }.
question-pair = { $pair } say the same with { $share }
question-input = Of what moves { $label }: { $parts }.
question-nothing-moves = Nothing that was given moves { $label }.
question-share = { $input } { $share }
question-second = After { $label }, at { $share }: { $others }.
question-answer = { $sure ->
    [yes] Mostly { $label }, { $share } sure.
   *[no] Not sure: { $label } is likeliest, at only { $share }.
 }
question-map = the map of { $input } is { $verdict }
question-map-p = the map of { $input } is { $verdict } (p = { $p })
question-sentiment = { $sure ->
    [yes] { $label }, { $share }.
   *[no] Not sure: { $label }, at only { $share }.
 }
question-no-sentiment = This model does not answer sentiment.
questions-title = Ask about this case
questions-lead = In your own words, English or Chinese. What the record can't answer is said so; every number leads to where it stands.
questions-label = Your question
questions-ask = Ask
questions-hint = Why this answer? What if the voice were missing? 哪个词最重要?
live-elsewhere = Live runs where the model is: open that app's own page.
listen-consent = What the microphone hears is judged in windows of two seconds and forgotten. It says what a voice expresses, not what a person feels. Ctrl-C ends it.
dashboard-one-film = One film
timeline-page = Timeline
timeline-page-lead = A film that was watched: what it is answered in each window, why, where the answer is not sure and where words, face and voice disagree. Two records stand side by side.
timeline-none = No timeline is open.
timeline-none-do = Open one that the app's tab Film saved, or make one: python -m mm_core watch film.mp4 --out film.triad.
timeline-upload = A timeline (.triad), saved on the app's tab Film or by watch
timeline-upload-other = Another one, to stand beside it
timeline-windows-label = Windows
timeline-slice = { $slice ->
    [all] All windows
    [unsure] Not sure
    [disagree] Inputs disagree
   *[silent] No answer
 }
timeline-slice-count = { $slice ->
    [all] All: { NUMBER($kept) } of { NUMBER($count) } windows
    [unsure] Not sure: { NUMBER($kept) } of { NUMBER($count) } windows
    [disagree] Inputs disagree: { NUMBER($kept) } of { NUMBER($count) } windows
   *[silent] No answer: { NUMBER($kept) } of { NUMBER($count) } windows
 }
timeline-moment = Moment in seconds
timeline-window = { DECIMAL($start, digits: 1) } to { DECIMAL($end, digits: 1) } s
timeline-adds = What each input adds to { LABEL($label) }, in centred logits; the values add up to the answer over what is answered to nothing.
live-title = Live, from your camera and microphone
live-consent = When you press Start and allow camera and microphone, pictures of your face and the sound of your voice are sent to this app, which recognises emotions from them (an emotion recognition system in the sense of the EU AI Act, Article 50(3)). They are judged in windows of two seconds and forgotten: nothing is kept, and it ends when you press Stop, leave, or hide this tab. It says what a face and a voice express, not what you feel.
live-start = Start
live-stop = Stop
live-camera = Camera
live-microphone = Microphone
live-how = Press the record buttons of camera and microphone. The first six seconds in which you speak count as your normal voice, so speak calmly at first; the button below takes the last seconds instead.
live-normal = This is my normal voice
live-normal-taken = { $taken ->
    [yes] The speech of the last seconds is your normal voice from now on.
   *[no] No speech was heard yet. Speak calmly for some seconds, then press again.
 }
live-freeze = Say when: explain this moment
live-waiting = Waiting for camera or microphone.
live-busy = Many people are asking at the moment, so answers come less often.
live-reference = { $kind ->
    [running] Your voice is judged against your normal voice.
   *[none] Your normal voice is not known yet: speak calmly for six seconds.
 }
live-nothing = There is nothing to explain yet. Start camera or microphone first.
live-title-chart = The last minute
live-empty-title = Nothing seen or heard yet
live-empty-how = Twice a second what face and voice express is shown here, and below it the last minute: probabilities, what each of them adds, and where they disagree.
