"""The category codes of the Citizen Lab test lists, each with a sentence of our own."""

from enum import StrEnum


class Category(StrEnum):
    """What a site is about; the code is Citizen Lab's, so that results compare with other people's."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> "Category":
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    ALDR = "ALDR", "Alcohol and drugs: selling, using, or getting help."
    ANON = "ANON", "Tools to get around censorship or to stay anonymous."
    COMM = "COMM", "Shops and other commerce."
    COMT = "COMT", "Tools to talk to one another: mail, messengers, calls."
    CTRL = "CTRL", "A site that nobody is expected to block; a control."
    CULTR = "CULTR", "Culture: entertainment, history, books, music, satire."
    DATE = "DATE", "Meeting a partner."
    ECON = "ECON", "Economic development, poverty, and the economy at large."
    ENV = "ENV", "The environment: pollution, climate, treaties, protest."
    FILE = "FILE", "Sharing files: clouds, torrents, peers."
    GAME = "GAME", "Games and places to play them, gambling apart."
    GMB = "GMB", "Gambling and betting."
    GOVT = "GOVT", "Sites run by a government, the military included."
    GRP = "GRP", "Social networks and places where people gather."
    HACK = "HACK", "Computer security: tools, news, attacks."
    HATE = "HATE", "Content that attacks people for who they are."
    HOST = "HOST", "Hosting and blogging platforms."
    HUMR = "HUMR", "Human rights, and those who stand up for them."
    IGO = "IGO", "Organisations between states, such as the United Nations."
    LGBT = "LGBT", "Lesbian, gay, bisexual, transgender and queer life, pornography apart."
    MILX = "MILX", "Armed movements, terror, violent extremism."
    MISC = "MISC", "What fits nowhere else."
    MMED = "MMED", "Sharing videos, pictures and sound."
    NEWS = "NEWS", "News media, national and international, independent bloggers too."
    POLR = "POLR", "Criticism of those in power, oppositions, elections, corruption."
    PORN = "PORN", "Pornography."
    PROV = "PROV", "Provocative attire and mild nudity."
    PUBH = "PUBH", "Public health: diseases, pandemics, where to get care."
    REL = "REL", "Religion: belief, minorities, criticism."
    SRCH = "SRCH", "Search engines and portals."
    XED = "XED", "Sex education, contraception, abortion."


RISKY = frozenset({Category.PORN, Category.MILX, Category.HATE})
"""Looking at these can harm whoever lends the line: included lists leave them out unless they are named."""
