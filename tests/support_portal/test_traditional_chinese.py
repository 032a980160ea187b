"""The catalogue of Traditional Chinese is written as Taiwan writes: its characters, its punctuation, its spaces."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.utils import translation

from sla.wording import day_text
from support_portal import translations

HAN = r"[\u4e00-\u9fff]"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%%")
# Simplified characters that no traditional text has, among the most frequent ones.
SIMPLIFIED = re.compile(
    "[们这为时间显关开请务贝发实经级组织订阅认证账户应设团队员产单东两严义书买云亚亲从仓优会传伤个备复变"
    "处号听启响图圆场坏块声头够夺奖妇学宁宝审对寻导将层属岁师帐带库废张弹归当录态总护报担择换据断无旧显"
    "术机权条来构标样档检楼权欢毕汇沟测济满滚灭灵点热环现电画码确础离种积称稳类红约纯纲纳纸线练细终绍结给络"
    "绝统继续维网罗职联脑节营获补观规视览触计议记讲许论访评识诉词译试话该详语误说读课谁调谈谢财责败货质购"
    "费资赛转轮软载较辅输边达迁过运还进远违连选递邮释钟钥钱铁链销锁错键镇长门闭问闻阵阶际陆陈险随难项顺须顾顿"
    "预领频题额风飞饭馆驱验龙齐]"
)
# What is said across the strait and not in Taiwan.
FOREIGN_WORDS = re.compile(
    "用戶(?!端)|信息|默認|視頻|質量|登錄|郵箱|數據|搜索|菜單|保存|鏈接|界面|服務器|軟件|網絡|帳號"
)


def messages() -> Iterator[Message]:
    with translations.catalogue_path("zh_Hant").open("rb") as file:
        yield from (message for message in read_po(file, locale="zh_Hant") if message.id)


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


TEXTS = [(forms(message.id)[-1], form) for message in messages() for form in forms(message.string)]


def those(suspect: re.Pattern[str], texts: list[str]) -> list[str]:
    return [text for text in texts if suspect.search(text)]


def test_the_catalogue_is_not_empty() -> None:
    assert len(TEXTS) > 1000


def test_no_translation_holds_a_simplified_character_or_a_word_of_the_mainland() -> None:
    texts = [text for _, text in TEXTS]

    assert those(SIMPLIFIED, texts) == []
    assert those(FOREIGN_WORDS, texts) == []


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(rf"{HAN}[,;:!?]|[,;:!?]{HAN}", id="half-width punctuation beside Han"),
        pytest.param(rf"{HAN}\.(?:\s|$)", id="a half-width full stop after Han"),
        pytest.param(r"[，。：；？「」、] (?!$)| [，。：；？」、]", id="a space beside full-width punctuation"),
        pytest.param(r"[（）％]", id="full-width brackets or per cent"),
    ],
)
def test_punctuation_is_that_of_a_chinese_sentence(fault: str) -> None:
    assert those(re.compile(fault), [text for _, text in TEXTS]) == []


def test_a_space_parts_han_from_latin_letters_and_digits() -> None:
    sentences = [PLACEHOLDER.sub("", text) for name, text in TEXTS if name not in ("l, j F", "l, j F Y")]

    assert those(re.compile(rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}"), sentences) == []


def test_a_sentence_ends_in_a_full_stop_and_a_label_in_none() -> None:
    ends = [(name, name.endswith("."), text.endswith(("。", "."))) for name, text in TEXTS]

    assert [name for name, in_english, in_chinese in ends if in_english != in_chinese] == []


def test_every_placeholder_is_kept_as_often_as_it_stands() -> None:
    assert [
        name for name, text in TEXTS if sorted(PLACEHOLDER.findall(name)) != sorted(PLACEHOLDER.findall(text))
    ] == []


def test_a_day_reads_as_people_write_it() -> None:
    with translation.override("zh-hant"):
        assert day_text(date(2026, 11, 24)) == "11月24日 星期二"
        assert day_text(date(2027, 1, 4), now=date(2026, 11, 24)) == "2027年1月4日 星期一"
