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
   *[not-testable] not testable
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
input-text-placeholder = Type or paste what was said, in English
input-image-placeholder = Drop a picture of a face,
    or click to choose one
input-image-alt = The picture of a face that was given
input-gone = { $modality ->
    [image] The picture is no longer here: files are deleted a few minutes after they were given. Give it again.
   *[audio] The sound is no longer here: files are deleted a few minutes after they were given. Give it again.
 }
input-limits = English text; a face in a JPEG, PNG or WebP picture (of several the largest, unless you choose another); a voice in a WAV, FLAC, OGG or MP3 file, of which { NUMBER($seconds) } s are heard. Any one, two or three of them, in files of up to { NUMBER($megabytes) } MB.

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
    [text] The words, in English
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
    [english] English only.
   *[uneven] Uneven.
 }
about-limit = { $limit ->
    [expression] A score describes what the words, the face and the voice show. People smile when they are sad; the model can't know what anybody feels.
    [judging] Not at work or school, where the EU AI Act forbids it, not in medicine, not by the police, not for any decision about a person.
    [acted] The voices it learned from are of actors who play an emotion. Real voices are quieter and more mixed, and the model is less sure of them, or wrong.
    [composed] No data set here holds words, face and voice of the same moment. Cases of two or three were put together from separate sources that carry the same label, so figures for them say how well the parts are combined, not how well the model would do on recordings of real situations.
    [english] Text in other languages is not read, and voices were English or German.
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
