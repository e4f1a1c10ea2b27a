/**
 * Sentences about everything and nothing, one per line: what a classifier of one trade may be sent
 * although no label of its own fits. They are trained as a class of their own and calibrate "none of
 * these"; those that resemble an example are left out, since they may belong to its label.
 */
export const BACKGROUND_SENTENCES: readonly string[] = `
The moon pulls the water of the oceans towards it twice a day.
Why do cats purr when nobody is touching them?
My grandmother kept bees behind the old railway station.
Name three rivers that flow into the Black Sea.
He tuned the violin, closed his eyes and began to play.
How many players stand on the pitch in a game of handball?
Simmer the lentils with a bay leaf until they are soft.
Who painted the ceiling with the two fingers that almost touch?
The glacier has lost a third of its length since 1950.
Write a limerick about a penguin who is afraid of water.
What is the square root of one thousand and twenty four?
Our team lost in the last minute because of a corner kick.
Sort this list of numbers in descending order: 4, 19, 7, 2.
The novel begins with a funeral and ends with a wedding.
Is it true that lightning never strikes the same place twice?
A function that calls itself needs a condition to stop.
She planted tulips in October and forgot where.
Which planet has the largest number of moons?
The museum shows coins from the time of the first emperors.
Can you explain how a sewing machine makes a stitch?
Translate "the bread is still warm" into Portuguese.
The train passes eleven tunnels before it reaches the valley.
My knee hurts when I walk down the stairs.
What did people use before paper was invented?
Two kittens fell asleep inside the guitar case.
How long does an egg need to become hard boiled at altitude?
The parliament voted against the new border law yesterday.
Tell me a story about a lighthouse keeper and a whale.
Mix blue and yellow paint and you will get green.
When was the first photograph of a black hole taken?
The baker opens at five and is sold out by nine.
I had a dream in which all the clocks ran backwards.
Difference between a virus and a bacterium in simple words.
Their second album is slower and has much more piano.
What is the capital of the country north of Laos?
The dog barks at the postman but loves the milkman.
Draw a triangle with one right angle and two equal sides.
Do fish sleep, and if so, with open eyes?
The marathon runner drank salted tea at the last station.
Which verb form follows the word "unless"?
We climbed the ridge before sunrise to see the eclipse.
Please summarise the plot of a play about a prince and a ghost.
Concrete takes about four weeks to reach its full strength.
Who won the cycling race through the Pyrenees last summer?
The old oak in the village square was planted by monks.
Give me five words that rhyme with orange juice.
A catalyst speeds a reaction up without being used up.
My nephew collects stamps with pictures of owls.
Where do swallows spend the winter?
The orchestra rehearsed the second movement three times.
Compute the area of a circle with a radius of seven metres.
Is a tomato a fruit or a vegetable?
Snow fell on the palm trees for the first time in decades.
What should I name my goldfish?
The lawyer read the will aloud in the cold kitchen.
How do I tie a bow tie without a mirror?
Ancient sailors found their way by the stars and the swell.
asdf qwer zxcv uiop hjkl
Lorem ipsum dolor sit amet, consectetur.
How tall is the tallest tower made only of wood?
The teacher praised the essay but not the handwriting.
Should I stretch before or after running?
Photosynthesis turns light, water and carbon dioxide into sugar.
Recommend a film with a heist and a happy ending.
Her uncle repairs accordions in a shop without a sign.
What causes the northern lights to change their colour?
The minister resigned after the report was published.
Knit two, purl two, and repeat to the end of the row.
Who discovered that blood circulates through the body?
Grandfather's watch stopped on the day the bridge opened.
How do you say good night in Finnish?
The volcano has been quiet for four hundred years.
I need an idea for a birthday cake shaped like a tractor.
Binary search halves the interval in every step.
Which of these sentences contains a metaphor?
The puppy chewed the left slipper and ignored the right one.
What year did the wall between the two halves of the city fall?
Sand the board, wipe it, then apply the first coat of varnish.
Do plants grow faster when they hear music?
The ferry was late because of fog on the lake.
Explain the offside rule to a five year old.
Her thesis is about the migration of eels.
1 + 2 + 3 + 4 + 5 + 6 + 7 = ?
He whistled a tune that nobody had heard since the war.
What is the best way to remove moss from roof tiles?
The chess master gave up her queen to win on the next move.
Are there more stars in the sky than grains of sand on the beach?
The recipe calls for a pinch of nutmeg and no salt at all.
List the bones of the human hand.
A red kite circled above the field and then dived.
How did the Romans heat their baths?
The opposition wants lower taxes on bread and milk.
What rhymes with silver?
Our neighbour's rooster crows at three in the morning.
Electrons move from the negative to the positive pole.
Which mountain is the highest on the southern half of the globe?
He proposed to her on a chairlift in the rain.
Convert seventy miles per hour to metres per second.
The sculpture is made of ten thousand rusty nails.
Why is the sky dark at night although there are so many stars?
hello?
ok
I am so bored right now.
Do you believe in ghosts?
What is the meaning of life?
Tell me something I do not know.
Are you a person or a machine?
My flight of stairs has thirteen steps, which is bad luck.
Yesterday it rained frogs in a small town near the coast.
How do magnets work?
What time is it in Lima right now?
Remind me to water the ficus on Thursday.
Set a timer for twelve minutes.
Write a haiku about an empty swimming pool.
Which song is number one this week?
Add oat milk and candles to my shopping list.
Who is the president of Iceland?
Write a regular expression that matches a date.
What is 18 percent of 240?
Turn the lights in the hallway off.
How cold will it be tomorrow morning?
Define the word "ephemeral".
How many calories are in a banana?
Correct the grammar of this paragraph.
What is the fastest way from the museum to the harbour?
Play something calm by a string quartet.
Tell me a riddle about a door.
How old is the universe?
What are good exercises for the lower back?
Suggest a name for a band of three drummers.
How do I write a loop over the keys of a dictionary?
Who wrote the book about the white whale?
What is the exchange rate between the yen and the franc?
Find a cheap flight to Lisbon in May.
Which wine goes with grilled sardines?
How is the traffic on the ring road?
Flip a coin for me.
What is your favourite colour?
How do you spell "rhythm"?
Give me a synonym of "stubborn".
Can dogs eat blueberries?
What does the abbreviation NASA stand for?
Write an SQL query that counts the rows per day.
What should I wear to a wedding in August?
How far is it from Vienna to Prague by bicycle?
Make this sentence sound more polite.
Rewrite the following text in the style of a pirate.
Extract all names and dates from this letter.
Who scored the winning goal in the final?
How high is the unemployment rate in Spain?
What were the causes of the French Revolution?
How do I remove a red wine stain from a carpet?
How many teaspoons make one tablespoon?
When does spring begin?
Is it safe to swim after eating?
What are the symptoms of hay fever?
Which vaccine do I need for a trip to Tanzania?
Did anyone call while I was out?
What is on television tonight?
Is there a pharmacy near the station that is open now?
How can I fall asleep faster?
Explain quantum entanglement to a child.
Compare the economies of Chile and Peru.
What is the longest word in the English language?
Solve the equation 3x + 7 = 22.
How do vaccines train the immune system?
Who invented the zip fastener?
Plan a three day hike in the Dolomites.
Which gear do I use when driving downhill?
What is a good present for a ten year old girl?
What does this error mean: index out of range?
Refactor this class so that it has no global state.
Write unit tests for the function below.
Good morning!
What is your name?
How are you today?
Sing me a song.
Who made you?
Never mind.
Can you keep a secret?
Guess how old I am.
Let us play twenty questions.
What did I just say?
You are funny.
I feel lonely tonight.
My sister is getting married next week.
The weather has been awful lately.
I think the referee was wrong.
Our cat had five kittens.
I cannot decide between pasta and rice.
Is the library open on Sundays?
How much should I tip in Canada?
When is the next full moon?
Which bus goes to the zoo?
How do I change a flat tyre?
What is the boiling point of mercury?
Why do leaves turn red in autumn?
How do I fold a paper crane?
What is the plot of the film with the two magicians?
How many people live in Nairobi?
What was the score of the match last night?
Is Pluto a planet again?
Which shares should I buy?
What would you do with a million?
Should I learn Rust or Go first?
How do bats find their way in the dark?
What is the rule for "who" and "whom"?
Describe the taste of durian.
Name an animal that begins with Q.
How do I meditate?
`
  .split('\n')
  .filter((line) => line !== '');
