"""Format numbers for people."""

from django.template import Library

register = Library()


@register.filter
def grouped(number: object) -> str:
    """`12,345`; `0.4` for numbers below ten; a dash for None."""
    if not isinstance(number, int | float):
        return "-"
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")


@register.filter
def span(seconds: float) -> str:
    """`1.4 s`, `23 ms`, `0.6 ms`."""
    return f"{seconds:.2g} s" if seconds >= 1 else f"{float(f'{seconds * 1_000:.2g}'):g} ms"
