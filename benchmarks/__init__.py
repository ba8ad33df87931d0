"""The benchmark suite: quality and speed of vnjournal, its peers side by side in the same run.

    python -m benchmarks                     all parts, on the sample archive, within a minute
    python -m benchmarks typos search        some parts: words, typos, search, index, start
    python -m benchmarks --corpus FILE --eval FOLDER --record NAME

See ``benchmarks/README.md`` for what each part measures and how.
"""
