"""`make bench`: every measurement, one after another."""

from tests.benchmarks import bench_cards, bench_reading, bench_start

for bench in (bench_reading, bench_cards, bench_start):
    bench.main()
