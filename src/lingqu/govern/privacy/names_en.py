"""Names of people in English text and in pinyin: a known first name, or a cue in front.

Source: Own lists: first names that are common in many countries, surnames and syllables of the
Hanyu pinyin (ISO 7098). Words that are also first names in ordinary text (Will, May, Mark, Art) are
left out and need a cue.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.secrets import Found

FIRST = frozenset(
    "Aaron Abdul Abdullah Abigail Adam Adele Adrian Adriana Agnes Ahmed Aidan Aisha Akira Alan Albert Alejandra Alejandro Alex Alexander "
    "Alexandra Alexis Alfred Ali Alice Alicia Alina Alison Allison Amanda Amara Amelia Amina Amir Amit Amy Ana Anastasia Andre Andrea "
    "Andreas Andrei Andrew Angela Angelina Anita Anjali Ann Anna Anne Annette Anthony Antoine Anton Antonio Anya Arjun Arthur Arturo Asha "
    "Ashley Astrid Audrey Ava Ayesha Barbara Beatrice Beatriz Ben Benjamin Bernard Beth Bethany Betty Beverly Bianca Björn Bogdan Boris "
    "Brandon Brenda Brian Bridget Bruce Bruno Bryan Camila Camille Carl Carla Carlos Carmen Carol Caroline Catherine Cecilia Charles "
    "Charlotte Chiara Chidi Chloe Chloé Chris Christian Christina Christine Christopher Ciara Claire Clara Claudia Clive Colin Connor "
    "Cristina Curtis Cynthia Dale Damian Daniel Daniela Daria David Deborah Debra Deepak Denis Dennis Derek Diana Diego Dieter Dimitri Dmitri "
    "Dmitry Dominic Donald Donna Doris Dorothy Douglas Duncan Dylan Eduardo Edward Edwin Eileen Elaine Elena Eleanor Eli Elias Elif Elijah Elisa "
    "Elizabeth Ella Ellen Ellie Emeka Emil Emilia Emily Emma Emmanuel Enrique Eric Erica Erik Erika Erin Ernest Esther Ethan Eugene Eva "
    "Evelyn Fatima Fatma Felicia Felix Fernanda Fernando Fiona Florence Frances Francesca Francesco Francis Francisco Frank Frederick Freya "
    "Gabriel Gabriela Gabrielle Gareth Gary Geoffrey George Gerald Gerard Gina Giovanni Giulia Gloria Gordon Grace Graham Greg Gregory "
    "Guillermo Gustav Gustavo Gwen Hamza Hana Hannah Hans Harold Haruto Harry Hassan Hazel Heather Hector Heidi Helen Helena Henrik Henry "
    "Herbert Hiroshi Howard Hugo Ian Ibrahim Ines Ingrid Irene Irina Isaac Isabel Isabella Isabelle Isla Ivan Jack Jacob Jacqueline Jakob "
    "James Jamie Jan Jane Janet Janice Jasmine Jason Javier Jean Jeffrey Jennifer Jenny Jeremy Jerry Jessica Jesus Jill Jin Jing Joan "
    "Joanna Joanne Joao João Joe Joel Johan Johannes John Johnny Jonas Jonathan Jorge José Jose Joseph Joshua Joy Joyce Juan Juana Judith Judy Julia "
    "Julian Juliana Julie Julien Jun Justin Kaito Kamal Karen Karin Karl Karla Karolina Kate Katarzyna Katherine Kathleen Kathryn Katie Katrin "
    "Kavita Keiko Keith Kelly Kenji Kenneth Kevin Khalid Kimberly Klaus Kofi Kristen Kristina Kumar Kwame Kyle Larry Lars Laura Lauren "
    "Lawrence Layla Leah Lena Leo Leon Leonard Leonardo Leticia Liam Lillian Linda Lisa Liza Logan Lorenzo Louis Louise Luca Lucas Lucia "
    "Lucy Luis Luisa Lukas Luke Lydia Lynn Madeleine Magdalena Maggie Magnus Mahmoud Mai Malik Manuel Marc Marcel Marcela Marcin Marco Marcos Marcus "
    "Margaret Margarita Maria María Marie Marilyn Marina Mario Marisol Marjorie Marta Martha Martin Martina Mary Masako Mateo Mateusz Matteo Matthew "
    "Matthias Maureen Maurice Max Maya Megan Mehmet Mei Melanie Melissa Mia Michael Michaela Michal Michelle Miguel Mikhail Mila Milan "
    "Miriam Mohamed Mohammad Mohammed Moira Monica Monika Muhammad Mustafa Nadia Nadine Naomi Natalia Natalie Natasha Nathan Nathaniel Neha "
    "Neil Ngozi Nia Nicholas Nicola Nicolas Nicole Nigel Nikhil Nikolai Nina Noah Noor Nora Norma Norman Nuno Olga Oliver Olivia Olga Omar Oscar "
    "Osman Owen Pablo Pamela Paolo Patricia Patrick Paul Paula Pauline Pavel Pedro Penelope Peter Petra Philip Philippe Phillip Pierre Pilar "
    "Piotr Priya Rachel Rafael Rahul Raj Rajesh Ralph Ramon Raquel Ravi Raymond Rebecca Renata Rhys Ricardo Richard Rita Robert Roberta "
    "Roberto Robin Rodrigo Roger Rohan Roland Ronald Rosa Rosemary Rowan Roxanne Ruby Rui Russell Ruth Ryan Sabine Sabrina Sakura Sally Salma "
    "Samantha Samira Samuel Sandra Sanjay Sara Sarah Sean Sebastian Sergei Sergey Sergio Shannon Sharon Shaun Sheila Shirley Siddharth Silvia "
    "Simon Simone Sofia Sofía Sonia Sophia Sophie Stanislav Stefan Stefano Stella Stephanie Stephen Steve Steven Stuart Sunita Susan Susanne Suzanne "
    "Sven Svetlana Sylvia Takeshi Tamara Tanya Tara Tariq Tatiana Terence Teresa Terry Thabo Theodore Theresa Thomas Tiffany Tim Timothy Tobias Tom "
    "Tomas Tomasz Tony Tracy Trevor Tyler Ulrich Umar Valentina Valeria Vanessa Vera Veronica Vicente Victor Victoria Vijay Vikram Vincent Vivian "
    "Vladimir Walter Wanda Wayne Wendy William Wolfgang Xavier Yasmin Yolanda Youssef Yuki Yusuf Yuri Yvonne Zachary Zainab Zara Zoe Zoë Zofia".split()
)
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam|Mme|Herr|Frau|Señor|Señora)\.? "
_WORD = r"[A-ZÀ-ÖØ-Þ](?:['’][A-Z])?[A-Za-zÀ-ÖØ-öø-ÿ]+(?:[-'’][A-ZÀ-Þ]?[A-Za-zÀ-ÿ]+)*"
_LINK = r"(?:de la|de los|de|del|della|di|da|dos|van der|van den|van de|van|von der|von|bin|ibn|al|el|le|la|ter|ten|af|O'|Mc)"
_RUN = re.compile(
    rf"(?<![0-9A-Za-z_.@/'’-]){_WORD}(?: (?:[A-Z]\.?(?= )|{_WORD}|{_LINK}(?= [A-Z]))){{1,5}}(?![0-9A-Za-z_@]|-\w)"
)
_CUES = re.compile(
    rf"(?:(?:^|[^A-Za-z])(?:full[ _]?name|name|customer|patient|client|guest|tenant|landlord|landlady|holder|cardholder|"
    rf"applicant|subscriber|beneficiary|payee|payer|sender|recipient|receiver|consignee|consignor|"
    rf"employee|staff|candidate|student|teacher|driver|passenger|owner|witness|suspect|victim|caller|"
    rf"contact|next of kin|kin|mother|father|daughter|son|wife|husband|sister|brother|spouse|partner|"
    rf"daughter,|son,|attn|attention|signed|signed by|from|to|cc|dear|hi|hello|hey|i'm|i am|"
    rf"my name is|this is|named|called|ask|ask for|call|ring|ship to|deliver to|delivered to|bill to|"
    rf"regards,?|sincerely,?|thanks,?|cheers,?|best,?|yours,?|author|reviewer|assignee|reporter|manager|"
    rf"supervisor|nurse|surgeon|physician|officer|detective|judge|attorney|trustee|executor|heir|"
    rf"borrower|lender|guarantor|insured|insurer|claimant|plaintiff|defendant|member|visitor|"
    rf"resident|neighbou?r|colleague|boss|friend|with|by|for|and|names|interview(?:ed)?|met)"
    rf"[\"']?\s*[:=;,>]?\s*[\"'“(]?|{_TITLE})$",
    re.IGNORECASE,
)
_FIRM = re.compile(
    r"\s?(?:Street|St\b|Road|Rd|Avenue|Ave|Lane|Drive|Boulevard|Court|Place|Way|Square|Garden|Gardens|Park|Bridge|Airport|"
    r"University|College|School|Hospital|Clinic|Church|Cathedral|Museum|Library|Theatre|Theater|Stadium|Arena|Centre|Center|"
    r"Hall|Tower|Island|Islands|River|Lake|Mountain|Beach|Bay|County|City|Inc|Ltd|LLC|LLP|Corp|GmbH|AG|PLC|Co\b|Company|Group|"
    r"Foundation|Institute|Award|Prize|Cup|Open|Day|Act|Law|Effect|Theorem|Process|Method|Model|Test|Algorithm|Equation|"
    r"Chase|Stanley|Sachs|Lynch|Motors?|Bank|Hotel|Inn|Store|Stores|Records|Press|Books|Films?|Series)(?![a-z])"
)
_NO_SURNAME = frozenset(
    "Street Road Avenue Lane Drive Boulevard Court Place Way Square Garden Gardens Park Bridge Airport University College School Hospital "
    "Clinic Church Museum Library Theatre Theater Stadium Arena Centre Center Hall Tower Island River Lake Bay County City Inc Ltd LLC Corp "
    "Company Group Foundation Institute Award Prize Cup Day Act Law Monday Tuesday Wednesday Thursday Friday Saturday Sunday January "
    "February March April May June July August September October November December North South East West The This That And Or For From "
    "With Without Please Thanks Regards Best Dear Hello Hi Yes No Not New Old Order Invoice Account Number Phone Email Address Name Date "
    "Version Release Build Server Client Team Support Customer Service Department Office Manager Director Report Form Section Chapter Page "
    "Table Figure Card Bank Falls Bay Beach Springs Hills Heights Island Islands Republic Kingdom States Union Ocean Sea Period Effect "
    "Passport Permit Visa License Licence Insurance Policy Security Social Tax Code Id Ticket Case Vendor Roster Courier Agent Caller Our "
    "Your My His Her Their Its We You They It If When Where Who What Why How In On At By To Of As Is Was Are Were Be Has Had Have Do Does".split()
)
_SURNAMES_PINYIN = frozenset(
    "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin luo gao zheng liang xie song tang han deng feng cao peng "
    "zeng xiao tian dong yuan pan yu jiang cai du ye cheng su wei lv lu lü ding ren shen yao cui zhong tan fan jin shi liao jia xia fu fang bai "
    "zou meng xiong qin qiu yin xue yan duan lei hou long tao gu mao hao gong shao wan qian qin dai mo kong xiang ouyang sima zhuge huangfu "
    "shangguan linghu bao bi bian chai chu fei ge geng guan ji jing kang ke kuang lan le lian ling mei miao mu ni nie niu pang pei qi qiao qu "
    "rao ruan sha shan shang shu tong tu wen weng xin xing ying you yue yun zang zhai zhan zhen zhuang zong zuo an chang che".split()
)
_SYLLABLE = (
    r"(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:iang|iong|uang|ang|eng|ong|ian|iao|ing|uai|uan|ai|ei|ao|ou|an|en|ia|ie|iu|in|ua|uo|ui|un|"
    r"üe|ve|ue|er|a|o|e|i|u|v|ü)"
)
_PINYIN = re.compile(rf"(?:{_SYLLABLE}){{1,2}}|(?:{_SYLLABLE})-(?:{_SYLLABLE})", re.IGNORECASE)
_TWO = re.compile(
    r"(?<![0-9A-Za-z_@./-])([A-Z][a-zü]+|[A-Z]{2,})[ /]([A-Z][a-zü]+(?:-?[a-zü]+)?|[A-Z]{2,}(?:-[A-Z]+)?)(?![0-9A-Za-z_@]|-\w)"
)
_PINYIN_CUE = re.compile(
    r"[\u4e00-\u9fff]|name|passport|traveller|passenger|dear|mr|ms|contact|holder", re.IGNORECASE
)


def names(text: str) -> Found:
    """Return the names of people in an English text, and names in pinyin.

    Example:
        >>> text = "Dear Ingrid N. Müller, Madison Square Garden is sold out."
        >>> [text[a:b] for _, a, b in names(text)]
        ['Ingrid N. Müller']
    """
    for match in _RUN.finditer(text):
        found = _person(text, match)
        if found is not None:
            yield "name", *found
    if not text.isascii() or _PINYIN_CUE.search(text):
        for match in _TWO.finditer(text):
            if _is_pinyin(match[1], match[2]):
                yield "name", match.start(), match.end()


def _person(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """Return where a name stands in a run of capitalised words."""
    words = match[0].split(" ")
    start = match.start()
    for place, word in enumerate(words[:-1]):
        if word in FIRST and _is_surname(words[place + 1 :]):
            length = _extent(words[place:])
            end = start + len(" ".join(words[place : place + length]))
            if length > 1 and not _FIRM.match(text, end):
                return start, end
        if (
            place == 0
            and word not in _NO_SURNAME
            and _CUES.search(text[max(0, start - 24) : start])
        ):
            length = _extent(words)
            if 2 <= length <= 4 and length == len(words) and _strict(text, start):
                end = match.end()
                return None if _FIRM.match(text, end) else (start, end)
        start += len(word) + 1
    return None


_STRONG = re.compile(
    rf"(?:(?<![A-Za-z])(?:name|full[ _]name|my name is|i'm|i am|dear|attn|attention|holder|cardholder|next of kin|signed|named|"
    rf"applicant|subscriber|consignee|recipient|landlord|guest|patient|passenger|tenant|payee|beneficiary)"
    rf"[\"']?\s*[:=]?\s*[\"'“]?|{_TITLE})$",
    re.IGNORECASE,
)


def _strict(text: str, start: int) -> bool:
    return _STRONG.search(text[max(0, start - 24) : start]) is not None


def _is_surname(rest: list[str]) -> bool:
    """Say whether what follows a first name holds a surname and no other word."""
    first = rest[0]
    if len(first.rstrip(".")) == 1 or not first[0].isupper():
        return len(rest) > 1
    return first not in _NO_SURNAME


def _extent(words: list[str]) -> int:
    """Return how many words a name has: first names, initials, particles and one surname or two."""
    length = 1
    while length < len(words):
        word = words[length]
        if word in _NO_SURNAME:
            break
        length += 1
        ends = len(word.rstrip(".")) > 1 and word[0].isupper()
        if ends and (length == len(words) or words[length] in _NO_SURNAME or length >= 3):
            break
    return length


def _is_pinyin(one: str, other: str) -> bool:
    if one.isupper() != other.isupper() and not one.isupper():
        return False
    for surname, given in ((one, other), (other, one)):
        if surname.lower() in _SURNAMES_PINYIN and _PINYIN.fullmatch(given):
            return len(one) + len(other) >= 5
    return False
