"""Phrase banks of the general teacher: offices, kitchens, sports grounds, journeys. No word of medicine."""

from __future__ import annotations

BANKS: dict[str, tuple[str, ...]] = {
    "name": ("Anna", "Boris", "Carla", "David", "Elif", "Frank", "Greta", "Hassan", "Ines", "Jonas", "Kaya", "Liam", "Mona", "Nils", "Olga", "Pedro", "Rosa", "Sven", "Tara", "Umar", "Vera", "Willem", "Yara", "Zeno"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "time": ("8:15", "9:00", "9:30", "10:45", "11:20", "12:40", "13:30", "14:10", "15:00", "16:25", "17:45", "18:30", "19:15"),
    "room": ("hall 2", "the blue room", "the courtyard", "room 14", "the canteen", "the reading corner", "the north gate", "workshop B", "the roof terrace", "the lobby"),
    "group": ("the rowing club", "the book club", "our hiking group", "the choir", "the school kitchen", "the bicycle shop", "the tenants' council", "the chess circle", "the night market team", "the youth hostel", "the sales office", "the print shop"),
    "weather": ("It rained all morning", "The sun came out at noon", "A strong wind blew", "It was cold and clear", "The fog did not lift", "The evening was mild"),
    "reader": ("a new colleague", "the caretaker", "a guest", "the team", "a neighbor", "the organizer", "a newcomer", "the treasurer"),
}  # fmt: skip

USES = (
    ("whisk", "beat eggs", "kitchen"), ("colander", "drain pasta", "kitchen"), ("rolling pin", "flatten dough", "kitchen"), ("grater", "shred cheese", "kitchen"), ("ladle", "serve soup", "kitchen"), ("peeler", "skin potatoes", "kitchen"),
    ("stapler", "fasten sheets of paper", "office"), ("shredder", "destroy old letters", "office"), ("projector", "show slides on a wall", "office"), ("hole punch", "make holes for a binder", "office"), ("whiteboard", "sketch ideas for all to see", "office"), ("label printer", "mark folders", "office"),
    ("paddle", "move a canoe", "sport"), ("shuttlecock", "play badminton", "sport"), ("saddle", "ride a horse", "sport"), ("snorkel", "breathe while swimming face down", "sport"), ("goal net", "stop a football behind the line", "sport"), ("bow", "shoot arrows", "sport"),
    ("compass", "find north", "travel"), ("timetable", "look up trains", "travel"), ("suitcase", "carry clothes on a journey", "travel"), ("passport", "cross a border", "travel"), ("tent", "sleep in the open", "travel"), ("anchor", "hold a boat in place", "travel"),
    ("hammer", "drive nails", "workshop"), ("saw", "cut planks", "workshop"), ("ladder", "reach the roof", "workshop"), ("sanding block", "smooth wood", "workshop"), ("spirit level", "check that a shelf is straight", "workshop"), ("wrench", "tighten bolts", "workshop"),
    ("rake", "gather leaves", "garden"), ("watering can", "water seedlings", "garden"), ("spade", "dig a bed", "garden"), ("wheelbarrow", "move soil", "garden"), ("hedge shears", "trim bushes", "garden"), ("trellis", "hold up climbing plants", "garden"),
)  # fmt: skip
"""Thing, what it is used for, where it belongs."""

QUESTIONS = (
    "[which|what] [thing|tool|object] is used to {use}?",
    "with [which|what] [thing|tool] [does one|do people] {use}?",
    "someone wants to {use}. [which|what] do they need?",
)
CLOSED = ("is a {thing} used to {use}?", "does one {use} with a {thing}?", "would a {thing} help to {use}?")
BELONGS = (
    "where does a {thing} belong: kitchen, office, sport, travel, workshop or garden?",
    "sort this thing into kitchen, office, sport, travel, workshop or garden: {thing}.",
)

MEASURES = (
    ("a shorter Monday meeting", "late reports"), ("free fruit at the desk", "visits to the vending machine"), ("quiet carriages", "complaints from passengers"), ("a second till", "people waiting in line"),
    ("bright lamps in the stairwell", "lost keys"), ("colored bins", "paper in the wrong bin"), ("text reminders", "books returned late"), ("longer opening hours", "visitors of the pool"), ("lower bus fares", "cars in the center"),
    ("training on grass", "goals a match"), ("a smaller menu", "food thrown away"), ("online booking", "empty seats"),
)  # fmt: skip
TRIALS = (
    "<group> tried {measure} for {weeks} weeks.", "for {weeks} weeks, {measure} [was|were] on trial at <group>.", "<group> compared {weeks} weeks with {measure} to as many without.",
)  # fmt: skip
RESULTS = {
    "yes": ("{outcome} fell from {high} to {low} a week.", "there were {low} a week of {outcome}, after {high} before.", "the count of {outcome} dropped from {high} to {low}."),
    "no": ("{outcome} stayed at {high} a week.", "there were {high} a week of {outcome}, just as before.", "the count of {outcome} did not move from {high}."),
    "maybe": ("only two weeks of counts were kept, and they disagree about {outcome}.", "one half saw fewer {outcome}, the other half more.", "{outcome} fell, but so did the number of people there, by as much."),
}  # fmt: skip

STATEMENTS = (
    ("the {place} [opens|is open] on <day>", "the {place} [is closed|stays shut] on that day"), ("<name> brought the {thing}", "<name> forgot the {thing} at home"), ("the {thing} [costs|is] {n} euros", "the {thing} is free of charge"),
    ("the trip takes {n} hours", "the trip is over in a few minutes"), ("the team won by {n} points", "the team lost the match"), ("all {n} seats are taken", "there are plenty of empty seats"),
)  # fmt: skip
PLACES = ("museum", "swimming pool", "bakery", "library", "climbing hall", "ticket office", "garden center", "ice rink")

STATUS = {
    "packed": ("the {thing} is [already|safely] in the [bag|box]", "<name> has put the {thing} in", "we have packed the {thing}"),
    "missing": ("nobody can find the {thing}", "the {thing} is still missing", "<name> is looking for the {thing}"),
    "not needed": ("we do not need the {thing}", "the {thing} [can stay|stays] at home", "leave out the {thing} this time"),
}
FILLERS = (
    "<weather>.",
    "<group> meets at <time>.",
    "<name> called twice.",
    "the keys are with <name>.",
    "<name> will be late.",
    "we leave from <room>.",
    "the door code has changed.",
)
REFERENCES = (
    ("<name> took the {a} to the {place} and gave it back to the desk in the evening.", "it", "the {a}"), ("the {a} and the {b} lay on the bench; the latter was wet.", "the latter", "the {b}"),
    ("the {a} and the {b} were bought together, but the former broke first.", "the former", "the {a}"), ("the {place} lent us a {a}, and now they want it back.", "they", "the {place}"),
    ("<name> showed the {b} to the {place}. There the {a} had been sold out for weeks.", "there", "the {place}"),
)  # fmt: skip

WISHES = {
    "return": ("can I bring back a {thing} that I bought last week?", "Yes, with the receipt you can return the {thing} within 30 days. Please bring it to the {place} in its box."),
    "borrow": ("may I borrow a {thing} over the weekend?", "You are welcome to borrow a {thing} from the {place}. Please sign the list and bring it back by Monday."),
    "lost": ("I left my {thing} with you. what should I do?", "Please ask at the desk of the {place}, where lost things are kept for two months. Describe the {thing} and say when you were there."),
    "first": ("it is my first time at the {place}. what do I bring?", "Please bring a {thing} and some water, and come ten minutes early. Someone of the {place} will show you around."),
    "repair": ("my {thing} is broken. can it be repaired?", "Often it can. Bring the {thing} to the {place} on a weekday; a look at it costs nothing, and you hear the price before any work is done."),
}  # fmt: skip
SHORTHAND = (
    ("mtg", "meeting"),
    ("tmrw", "tomorrow"),
    ("pls", "please"),
    ("asap", "as soon as possible"),
    ("w/o", "without"),
    ("appt", "appointment"),
    ("mgr", "manager"),
    ("qty", "quantity"),
)
BRIEF = (
    "pls bring the {thing} to the mtg tmrw, w/o the box",
    "appt w/o the mgr moved to <time> tmrw, pls be there",
    "mgr wants the qty of {thing}s asap, pls count",
    "mtg at the {place} tmrw, bring the {thing} asap",
)

INSTRUCTIONS: dict[str, tuple[str, ...]] = {
    "options": ("[choose|pick] the [thing|object] that [suits|does] the job", "one of these things is right. [say|write] which", "[solve|do] this [everyday|household] riddle with one of the choices"),
    "closed": ("say yes or no to this [question|riddle] from everyday life", "[reply|respond] to the question with a single yes or no", "a child asks this. [reply|respond] yes or no"),
    "place": ("[sort|put] the thing where it belongs", "name the place for the thing"),
    "trial": ("did the measure lower the count? say yes, no or maybe, by the report alone", "judge from the report whether the change [worked|helped]: yes, no or maybe", "read what <group> [tried|found], then say yes, no or maybe to the question"),
    "pair": ("compare both sentences from the notice board: entailment, contradiction or neutral", "what does the first line make of the second: entailment, contradiction or neutral", "decide between entailment, contradiction and neutral for these two everyday lines"),
    "status": ("go through the packing note and put down every thing as packed, missing or not needed", "make a packing list with packed, missing or not needed in brackets", "write each thing of the note with its state in brackets: packed, missing or not needed"),
    "reference": ("find out what the quoted word points to in the story", "the quoted word stands for something told before. [copy|write down] that", "which thing or place of the story is meant by the quoted word"),
    "fields": ("fill in day, time and place from the [invitation|notice]", "take day, time and place out of the [invitation|notice]", "[put|copy] the day, the time and the place into one line"),
    "things": ("pick out all [objects|things] that the note names", "make a list of the [objects|things] in the note, with commas", "which [objects|things] come up in this note? list them"),
    "talk": ("make a short desk note of this talk at the counter", "turn the talk at the counter into a line for the workshop", "sum up for the workshop what the customer says"),
    "wish": ("write a friendly answer to the guest", "answer this customer in two sentences", "[help|assist] the guest with a short and polite reply"),
    "brief": ("write the memo out in full words", "spell out the shortened words of the memo", "rewrite the office memo without any shortened words"),
    "notice": ("turn the key points into a notice for <reader>", "write a short notice with these points for <reader>", "make one friendly paragraph of the points, for <reader>"),
}  # fmt: skip
SHAPES = (
    "", "", "Add nothing else.", "Keep it plain.", "One line will do.", "It is for <reader> of <group>.", "<group> [needs|wants] it by <day>.", "Think of <reader> who reads it on <day>.", "No explanation, please.", "<name> of <group> asked for it.",
)  # fmt: skip
