"""Reads of self-help: articles, the phone directory, the languages of support, referrals, features by plan."""

from selfhelp.selectors.articles import (
    ArticleKind,
    ArticlePage,
    ArticleSummary,
    article_page,
    articles_by_kind,
    helpful_articles,
    matching_articles,
    search_articles,
    suggest,
)
from selfhelp.selectors.directory import (
    REGIONS,
    PhoneEntry,
    SpokenLanguage,
    language_name,
    phone_directory,
    phone_entry,
    phone_numbers,
    spoken_languages,
    spoken_languages_of,
)
from selfhelp.selectors.features import FeatureTable, feature_table
from selfhelp.selectors.referrals import Referral, referral, referral_codes

__all__ = [
    "REGIONS",
    "ArticleKind",
    "ArticlePage",
    "ArticleSummary",
    "FeatureTable",
    "PhoneEntry",
    "Referral",
    "SpokenLanguage",
    "article_page",
    "articles_by_kind",
    "feature_table",
    "helpful_articles",
    "language_name",
    "matching_articles",
    "phone_directory",
    "phone_entry",
    "phone_numbers",
    "referral",
    "referral_codes",
    "search_articles",
    "spoken_languages",
    "spoken_languages_of",
    "suggest",
]
