"""Route templates of HTTP triggers."""

import pytest

from local.host.routes import parse_route, split_path


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("items", "/Items/", {}),
        ("items/{id}", "/items/7", {"id": "7"}),
        ("items/{id?}", "/items", {}),
        ("items/{id?}", "/items/a%2Fb%20c", {"id": "a/b c"}),
        ("files/{*rest}", "/files/a/b%20c", {"rest": "a/b c"}),
        ("files/{*rest}", "/files", {}),
    ],
)
def test_path_matches(template: str, path: str, values: dict[str, str]) -> None:
    assert parse_route(template).match(split_path(path)) == values


@pytest.mark.parametrize(
    ("template", "path"),
    [("items", "/"), ("items", "/items/7"), ("items/{id}", "/items"), ("items/{id?}", "/items/7/8"), ("a/b", "/a/c")],
)
def test_path_does_not_match(template: str, path: str) -> None:
    assert parse_route(template).match(split_path(path)) is None


def test_literal_routes_come_before_parameters() -> None:
    routes = [parse_route(template) for template in ("{*rest}", "items/{id?}", "items/{id}", "items/new")]

    assert [route.template for route in sorted(routes, key=lambda route: route.precedence)] == [
        "items/new",
        "items/{id}",
        "items/{id?}",
        "{*rest}",
    ]


@pytest.mark.parametrize("template", ["{id:int}", "{id=7}", "a{id}", "{id?}/b", "{*rest}/b", "{}"])
def test_what_this_host_does_not_have_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="route"):
        parse_route(template)
