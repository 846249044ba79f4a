"""`make bench`: every measurement, one after another."""

from tests.benchmarks import (
    bench_answers,
    bench_broadcast,
    bench_cards,
    bench_complete,
    bench_discord,
    bench_discord_answers,
    bench_pace,
    bench_planning,
    bench_reading,
    bench_search,
    bench_sending,
    bench_sources,
    bench_start,
    bench_telegram,
    bench_web,
)

for bench in (
    bench_reading,
    bench_sources,
    bench_cards,
    bench_start,
    bench_search,
    bench_planning,
    bench_pace,
    bench_sending,
    bench_telegram,
    bench_discord,
    bench_broadcast,
    bench_answers,
    bench_discord_answers,
    bench_complete,
    bench_web,
):
    bench.main()
