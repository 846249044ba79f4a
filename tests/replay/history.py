"""A blog's life as data: days, and what happens on each of them, as real ones did it.

Posts are looked at while they are written, grow, are renamed, rewritten, taken off and put back; looks
fail and are killed; chats come and go. `history` tells the same days for the same arguments.
"""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.fakes.blog.pages import BUTTERFLY, MATERY
from tests.replay.author import (
    START,
    TAGS,
    Act,
    Author,
    Day,
    Follows,
    Joins,
    Leaves,
    Look,
    Moment,
    Rebuilt,
)

LAYOUT, OTHER = "Paper/{date}/{name}/", "{year}/{month}/{day}/{name}/"
PLOT_DAYS = 30  # over which the plot is laid out; a longer history stretches it
EPOCH = dt.datetime(START.year, START.month, START.day, tzinfo=dt.UTC).timestamp()
TROUBLES = ("killed", "killed", "away", "broken", "cut", "half")


def _large(author: Author) -> None:
    author.keep("large", author.compose(author.free()[0], 14))
    author.keep("renamed", author.compose(author.free()[0], 3))


def _grow_and_rename(author: Author) -> None:
    author.keep("large", author.rename(author.known("large"), 1, more=14))
    author.keep("renamed", author.rename(author.known("renamed"), 1))


def _rename_back(author: Author) -> None:
    author.keep("large", author.rename(author.known("large"), -1, more=1))
    author.keep("rewritten", author.compose(author.free()[0], 4))


def _rewrite(author: Author) -> None:
    post = author.known("rewritten")
    author.gone["dropped"] = [replace(post, papers=post.papers[:1])]
    author.rewrite(post, without=1)


def _take_up_again(author: Author) -> None:
    post = author.known("rewritten")
    author.write(replace(post, papers=(*author.gone["dropped"][0].papers, *post.papers)))


def _two_tags(author: Author) -> None:
    one, other = author.free()[:2]
    post = author.compose(one, 2)
    author.keep("twin", post)
    author.compose(other, 1, *post.papers)


def _one_tag(author: Author) -> None:
    post = author.known("twin")
    author.take(post.key)
    author.gone["twin"] = [post]


def _return(author: Author) -> None:
    (post,) = author.gone["twin"]
    if post.tag in author.free():
        author.write(replace(post, date=author.today.isoformat()))


def _move_paper(author: Author) -> None:
    """One paper to another post of another tag, and one to a post of the same tag on a later day."""
    source = max(author.recent(3), key=lambda post: len(post.papers))
    target = next(post for post in author.recent(3) if post.tag != source.tag)
    first, second, *rest = source.papers
    author.write(replace(target, papers=(*target.papers, first)))
    author.write(replace(source, papers=tuple(rest)))
    if source.tag in author.free():
        author.compose(source.tag, 1, second)


def _new_versions(author: Author) -> None:
    """One in its own post, and one in another post of the same tag."""
    posts = author.recent(5)
    author.revise(posts[-1])
    older = next((post for post in posts if post.tag in author.free() and post.key != posts[-1].key), None)
    if older:
        author.compose(older.tag, 1, replace(older.papers[0], version=2))


def _batch(author: Author) -> None:
    """Old posts all at once, and one of the week that is news; one old post tells of a known paper."""
    known = max(author.posts.values(), key=lambda post: post.written).papers[0]
    for number in range(author.old):
        back = 16 + number * 81 // author.old
        tag = author.free(back)[number % len(author.free(back))]
        author.compose(tag, 1, *([known] if number == 3 else []), back=back)
    author.compose(author.free(4)[0], 2, back=4)


def _rebuild(author: Author) -> None:
    """Another theme and other addresses, and a post that is renamed and grows in the same night."""
    author.acts.append(Rebuilt(theme=MATERY, layout=OTHER))
    author.grow(author.recent(2)[0], 2)
    author.rename(author.recent(1)[-1], 1, more=1)


def _build_back(author: Author) -> None:
    author.acts.append(Rebuilt(theme=BUTTERFLY, layout=LAYOUT))


def _shrink(author: Author) -> None:
    """The older half of the blog is gone."""
    oldest = sorted(author.posts)[: len(author.posts) // 2]
    author.gone["old"] = [author.take(key) for key in oldest]


def _unshrink(author: Author) -> None:
    """All of it is back, with new words."""
    for post in author.gone["old"]:
        author.write(post)
        author.rewrite(post)


PLOT: dict[int, tuple[Callable[[Author], None], ...]] = {
    2: (_large,),
    3: (_grow_and_rename,),
    4: (_rename_back,),
    6: (_rewrite, _two_tags),
    7: (_one_tag,),
    8: (_move_paper,),
    10: (_return, _new_versions),
    13: (_take_up_again,),
    14: (_batch,),
    17: (_rebuild, _new_versions),
    20: (_move_paper, _two_tags),
    21: (_shrink, _one_tag),
    23: (_return,),
    24: (_unshrink,),
    26: (_build_back,),
}


def disturb(author: Author) -> None:
    """Something of what happens to posts, at random; not to those that the plot comes back to."""
    posts = [post for post in author.recent() if post.key not in author.kept.values()]
    if not posts:
        return
    post = author.chance.choice(posts)
    author.chance.choice(
        (
            lambda: author.grow(post, author.chance.randint(1, 3)),
            lambda: author.rename(post, 1, more=author.chance.randint(0, 1)),
            lambda: author.rewrite(post, without=author.chance.randint(0, 1)),
            lambda: author.revise(post) if post.papers else None,
            lambda: author.take(post.key),
        )
    )()


# Who comes and goes, by the day of the plot. The others join while there is news that the first cannot tell.
COMING: dict[int, tuple[Act, ...]] = {
    0: (
        *(Follows(chat=f"only {tag}", tag=tag) for tag in TAGS),
        Follows(chat="fickle", tag=TAGS[0]),
    ),
    5: (Joins(), Look(how="first away")),
    9: (Leaves(chat="fickle"),),
    15: (Follows(chat="late", tag=None), Follows(chat="late to one", tag=TAGS[1])),
    16: (Follows(chat="fickle", tag=TAGS[0]),),
}
EVERYTHING = ("all", "revised", "daily")  # chats that follow every tag from the beginning


def history(days: int, *, most: int, old: int, seed: int = 6, wild: float = 0.0) -> tuple[Day, ...]:
    """So many days with up to `most` posts each and `old` ones in a batch.

    `wild`: how likely posts are disturbed on a day, besides what the plot tells.
    """
    author, looks = Author(seed, old), random.Random(seed + 1)
    for back in range(30, 0, -3):
        author.compose(TAGS[back // 3 % len(TAGS)], 2, back=back)
    told = [_first_day(author)]
    plotted = 0
    for number in range(1, days):
        author.today = START + dt.timedelta(days=number)
        plot, plotted = range(plotted + 1, number * PLOT_DAYS // days + 1), number * PLOT_DAYS // days
        moments = [*_written(author, plot, most, wild), *_read(plot)]
        moments += _looks(looks, plot)
        told.append(_day(author.today, moments))
    calm = [[(hour, (Look(),))] for hour in (12.0, 13.5)]  # more than a day apart: nothing is left
    told += [_day(START + dt.timedelta(days=days + number), looks) for number, looks in enumerate(calm)]
    return tuple(told)


Told = list[tuple[float, tuple[Act, ...]]]  # by the hour


def _day(date: dt.date, told: Told) -> Day:
    start = EPOCH + (date - START).days * 86400
    ordered = sorted(told, key=lambda moment: moment[0])
    return Day(date=date, moments=tuple(Moment(at=start + hour * 3600, acts=acts) for hour, acts in ordered))


def _first_day(author: Author) -> Day:
    """The first import, which needs three looks; a post comes out between them."""
    told: Told = [(0.0, (*author.done(), *(Follows(chat=chat, tag=None) for chat in EVERYTHING)))]
    told += [(1.0, (Look(how="killed", steps=200),)), (2.0, (Look(how="broken", anew=True),))]
    author.compose(author.free()[0], 2)
    told += [(2.5, author.done()), (3.0, (Look(anew=True),)), (3.5, COMING[0])]
    return _day(START, told)


def _written(author: Author, plot: range, most: int, wild: float) -> Iterator[tuple[float, tuple[Act, ...]]]:
    author.publish(most)
    yield 5.8, author.done()
    deeds = [event for number in plot for event in PLOT.get(number, ())]
    while author.chance.random() < wild:
        deeds.insert(author.chance.randint(0, len(deeds)), disturb)
    for deed, hour in zip(deeds, sorted(author.chance.uniform(6, 24) for _ in deeds), strict=True):
        deed(author)
        yield hour, author.done()


def _read(plot: range) -> Iterator[tuple[float, tuple[Act, ...]]]:
    for acts in (COMING[number] for number in plot if number in COMING):
        yield 6.0, acts


def _looks(chance: random.Random, plot: range) -> Iterator[tuple[float, tuple[Act, ...]]]:
    """One or two at irregular hours; one day every three hours, for two days none."""
    if 11 in plot or 12 in plot:
        return
    if 16 in plot or 19 in plot:  # after the batch, and after the rebuilding, a part of it cannot be had
        yield 23.8, (Look(how="broken"),)
        return
    hours = [*range(0, 24, 3)] if 9 in plot else [0, 12][: chance.choice((1, 1, 1, 2))]
    for hour in hours:
        how = chance.choice(TROUBLES) if chance.random() < 0.3 else "well"
        at = hour + (chance.random() * 11.5 if len(hours) < 3 else 0.2)
        yield at, (Look(how=how, steps=chance.randint(1, 600), anew=chance.random() < 0.3),)
