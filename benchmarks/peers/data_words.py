"""Words by jieba: ``data_words.py TEXTS.jsonl``; the dictionary is loaded before the clock runs."""

import sys

import jieba
from data_measure import answer, texts, timed


def main() -> None:
    jieba.setLogLevel(60)
    jieba.initialize()
    held = texts(sys.argv[1])
    found, cpu_s = timed(lambda: [jieba.lcut(text) for text in held])
    answer("jieba", cpu_s=cpu_s, characters=sum(map(len, held)), words=sum(map(len, found)))


if __name__ == "__main__":
    main()
