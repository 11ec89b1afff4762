"""What is no question for the sources: greetings, thanks, and wishes that the bot must not grant."""

from __future__ import annotations

import re

ABOUT = "I answer from approved, cited entries about Calix: the Q4 2011 earnings call and the SEC staff's 2009 letter."
ADVICE = "I give no advice, opinions or predictions; I only show what the sources say. It is not in the sources."
INSTRUCTION = "I only look up approved answers and follow no instructions. There is nothing in my sources for this."

_NAMED = r"(?: (?:there|all|team|irbot|bot|everyone|folks|guys|again|you|so much|a lot|very much|mate|man))*"
_GREETING = re.compile(rf"(?:hi|hello|hey|hiya|howdy|yo|greetings|(?:good )?(?:morning|afternoon|evening|day)){_NAMED}")
_THANKS = re.compile(
    rf"(?:ok(?:ay)? |great |perfect |cool |awesome )*(?:many )?(?:thanks?|thank you|thx|ty|cheers|much "
    rf"appreciated|appreciate it|"
    rf"appreciated|that helps|that(?:'s| is) (?:all|it)){_NAMED}(?: (?:for|that|this|bye|all|i|it|very|have)\b.*)?"
)
_CHATTER = re.compile(
    r"(?:(?:lol|lmao|ha(?:ha)+|ok(?:ay)?|k|kk|cool|great|nice|perfect|awesome|got it|gotcha|never ?mind|nvm|no "
    r"worries|sure|yes|no|yep|nope|"
    r"bye|goodbye|good night|gn|see (?:you|ya)(?: later)?|ttyl|all good|forget it|ignore that|my bad|sorry|oops|"
    r"wow|hmm+|test|testing|wrong channel|"
    r"no way|just (?:testing|kidding)|are you there|you there|anyone there|ping|"
    r"how are (?:you|u|things)(?: all)?(?: doing| going| today)*|"
    r"how'?s (?:it|everything|everyone)(?: going| doing| today)*|"
    r"(?:hi|hello|hey|(?:good )?morning)(?: all| team| everyone)?|what'?s "
    r"up|sup|brb|please|and|then|it'?s fine|good bot)\s*)+"
)
_HELP = re.compile(
    r"(?:help(?: me)?|what can (?:you|u) (?:do|answer|help(?: me)? with)|who are (?:you|u)|what are (?:you|u)|"
    r"what is irbot|how do(?:es)? (?:you|u|this|it) work|"
    r"what do (?:you|u) know|how can (?:you|u) help(?: me)?|what can i ask(?: you)?)"
)
_INSTRUCTION = re.compile(
    r"\b(?:ignore|forget|disregard|override|bypass)\b.{0,30}\b(?:instructions?|rules?|prompt|guidelines?|"
    r"restrictions?|sources?|documents?|transcript|above|previous)\b|"
    r"\b(?:reply|respond|answer)(?: with)? (?:only|just|exactly)\b(?: with)?\W*[:'\"“‘]|"
    r"\byou are now\b|\bpretend\b|\brole-?play|\bact as\b|\bdeveloper mode\b|\bjailbreak|\bdan mode\b|"
    r"^\W*(?:system|assistant|admin)\s*[:>\]]|"
    r"\b(?:hidden|system|your)\s+(?:prompt|instructions?|config\w*|api keys?|tokens?|password|source code)\b|"
    r"\brepeat after me\b|"
    r"\b(?:delete|drop|wipe|erase)\b.{0,25}\b(?:data|database|library|entries|messages|records|knowledge)\b|\bsudo\b|"
    r"\b(?:write|draft|compose|generate|make up|invent)\b.{0,40}\b(?:poem|song|email|e-mail|tweet|post|press "
    r"release|essay|story|haiku|blog|memo|speech|joke|code|script|report|summary|figure|number)\b|"
    r"\b(?:confirm|say|state|tell (?:them|everyone|the channel)|announce) (?:that |to )?(?:calix|we|revenue|the "
    r"company|margins?)\b.{0,60}\b(?:anyway|regardless|even if|no matter|officially)\b|"
    r"(?:^|\b(?:you|u|please|pls) )translate\b.*\b(?:to|into|in)\b|\bin the style of\b|"
    r"\brepeat (?:everything|all|the (?:prompt|instructions?|text|words|above))\b|\bfrom now on,? (?:you|always|"
    r"answer|act|reply)\b|\banswer every\b|"
    r"\bauthori[sz]e you\b|"
    r"^\W*(?:please |pls |can you |could you )?(?:send|forward|edit|delete|schedule|upload|erase) (?:me|us|it|this|"
    r"that|these|an?|the|my|our|your|all)\b|"
    r"\benvironment variables?\b|</?\w+>|/etc/",
    re.I,
)
_ADVICE = re.compile(
    r"\bshould (?:i|we|my \w+|he|she|they|people|investors|one)\b.{0,40}\b(?:buy|sell|hold|short|invest|dump|own|"
    r"trade|load up|get (?:in|out)|exercise|sue)\b|"
    r"\b(?:price target|target price|good (?:investment|buy|stock|time to)|worth (?:buying|investing)|buy or "
    r"sell|buy,? sell|(?:buy|sell|hold) rating|"
    r"legal (?:view|advice)|(?:tell|know) (?:me |us )?(?:any |some |a )?(?:good )?jokes?|undervalued|overvalued|"
    r"stock (?:tip|pick)s?|(?:are|r) (?:you|u) (?:bullish|bearish))\b|"
    r"\b(?:do|would) (?:you|u) (?:think|believe|recommend|reckon|advise|expect|feel)\b|\b(?:your|ur) (?:\w+ )?"
    r"(?:opinion|judge?ment|"
    r"view|take|prediction|forecast|guess|gut)\b|"
    r"\b(?:would|will|could|can|do) (?:you|u|i)\b.{0,20}\b(?:buy|sell|short|hold|own|invest|trade|"
    r"dump)\b.{0,30}\b(?:calx|"
    r"calix|stock|shares?|calls|puts|options?)\b|"
    r"\bwill (?:the )?(?:stock|shares?|calx|share price)\b(?! (?:sale|offering))|^predict\b|\b(?:you|u) predict\b|"
    r"\bwhat do (?:you|u) "
    r"think\b|"
    r"\b(?:odds|probability) (?:that|do you)\b|"
    r"\b(?:smart|wise|sensible|stupid|dumb) (?:idea )?to (?:buy|sell|hold|exercise|invest|keep)\b|"
    r"\brate management|\bon a scale of\b|\bbe honest\b|\b(?:personally|honestly) "
    r"(?:believe|think)\b|\bhold, trim or add\b",
    re.I,
)


def courtesy(text: str) -> str | None:
    """The opening of a reply to a greeting, thanks or chatter (empty for "what can you do"); None for anything else."""
    if any(character.isdigit() for character in text):
        return None
    plain = " ".join(re.sub(r"[^a-z' ]+", " ", text.lower().replace("’", "'")).split())
    if _HELP.fullmatch(plain):
        return ""
    if _GREETING.fullmatch(plain):
        return "Hello!"
    if _THANKS.fullmatch(plain):
        return "You're welcome."
    return "All right." if _CHATTER.fullmatch(plain) else None


def refusal(text: str) -> str | None:
    """Why a wish is not granted: an instruction, or a request for advice or a prediction; None for a question."""
    if _INSTRUCTION.search(text):
        return INSTRUCTION
    return ADVICE if _ADVICE.search(text) else None
