"""Conditions that look like censorship and are none: each is told apart, and none may ever be called blocked."""

from lab.censor import Action
from lab.scenario import HERE, ControlState, Scenario, only
from lab.scenario_parts import (
    ADDRESS,
    ADDRESS_2,
    DOWN,
    LARGE_PAGE,
    NAME,
    NEXT,
    NEXT_ADDRESS,
    NOWHERE,
    OK,
    RESTRICTED,
    VOID,
    box,
    leads_to,
    page,
    site,
)

_WORDS = "The court heard the witnesses, and the report names all of them."
_IN_FRENCH = "La cour a entendu les témoins, et le rapport les nomme tous sans exception aucune."
_MADE_BY = ("X-Generator", "Drupal 10"), ("X-Content-Options", "none")

OF_THE_SITE = (
    Scenario(
        id="site_silent_for_all",
        says="The site's address answers nobody.",
        looks_like="site down for all",
        target=NAME,
        sites=(site(),),
        rules=(box(Action.IP_DROP, everybody=True),),
        expected=only(DOWN),
    ),
    Scenario(
        id="site_resets_all_handshakes",
        says="The site's own server resets every handshake.",
        looks_like="site down for all",
        target=NAME,
        sites=(site(tls="resets"),),
        expected=only(DOWN),
    ),
    Scenario(
        id="site_fails_with_an_error",
        says="The site's server answers everybody with an error of its own.",
        looks_like="site down for all",
        target=NAME,
        scheme="http",
        sites=(site(pages={"/": page("Error", "The database is away.", status=502)}),),
        expected=only(DOWN),
    ),
    Scenario(
        id="name_server_fails_for_all",
        says="The site's name servers fail, whoever asks.",
        looks_like="site down for all",
        target=NAME,
        sites=(site(dns="servfail"),),
        expected=only(DOWN),
    ),
    Scenario(
        id="target_behind_redirect_is_down_for_all",
        says="The site redirects to another that answers nobody.",
        looks_like="site down for all",
        target=NAME,
        sites=(site(pages={"/": leads_to(f"https://{NEXT}/")}), site(NEXT, NEXT_ADDRESS)),
        rules=(box(Action.IP_DROP, NEXT, everybody=True),),
        expected=only(DOWN),
    ),
    Scenario(
        id="slow_for_all",
        says="The server takes longer to answer than anybody waits.",
        looks_like="a slow server",
        target=NAME,
        sites=(site(delay=60),),
        expected=only(DOWN, VOID),
    ),
    Scenario(
        id="slow_page",
        says="The page trickles in, here more slowly than at the control, and nobody knows what is usual here.",
        looks_like="a slow server",
        target=NAME,
        sites=(site(pages={"/": LARGE_PAGE}),),
        rules=(box(Action.THROTTLE, rate=9_000, everybody=True),),
        expected=only(DOWN, VOID, OK),
    ),
    Scenario(
        id="flaky_server",
        says="The server loses the first connection of each visitor, and serves the next.",
        looks_like="a flaky server",
        target=NAME,
        sites=(site(loses=1),),
        expected=only(VOID, OK, DOWN),
    ),
    Scenario(
        id="flaky_server_over_http",
        says="The server resets the first request of this visitor, and serves the next.",
        looks_like="a flaky server",
        target=NAME,
        scheme="http",
        sites=(site(loses=1),),
        expected=only(VOID, OK, DOWN),
    ),
    Scenario(
        id="one_address_of_two_is_dead",
        says="One of the site's two addresses answers nobody; the other works.",
        looks_like="a flaky server",
        target=NAME,
        sites=(site(NAME, ADDRESS, published=(ADDRESS, ADDRESS_2)),),
        expected=only(OK),
    ),
    Scenario(
        id="private_address_of_the_owner_that_works_here",
        says="The owner publishes an address where no public site can be; the site is there for those inside.",
        looks_like="private addresses that the owner itself publishes",
        target=NAME,
        sites=(site(NAME, HERE, published=(NOWHERE,)),),  # from here, 0.0.0.0 is HERE
        expected=only(OK, VOID),
    ),
    Scenario(
        id="parked_domain",
        says="The domain is parked: everybody gets the parking company's page, with other advertisements each time.",
        looks_like="parked domain",
        target=NAME,
        scheme="http",
        sites=(
            site(
                variants=tuple(
                    page(f"{NAME} is for sale", f"Related searches: {words}.", ("Server", "parked"))
                    for words in ("shoes and hats", "flights", "loans for all", "used cars")
                )
            ),
        ),
        expected=only(OK, VOID, DOWN),
    ),
)

OF_THE_SERVER = (
    Scenario(
        id="geoblock",
        says="The site's own server refuses visitors from here.",
        looks_like="geoblock",
        target=NAME,
        sites=(site(shown_to={HERE: page("Not available", "Not in your country.", status=403)}),),
        expected=only(RESTRICTED),
    ),
    Scenario(
        id="geoblock_of_the_cdn_over_http",
        says="The site's CDN refuses visitors from here, over http.",
        looks_like="geoblock",
        target=NAME,
        scheme="http",
        sites=(
            site(
                shown_to={
                    HERE: page("Access Denied", "Reference #18.2f3a.1700.", ("Server", "AkamaiGHost"), status=403)
                }
            ),
        ),
        expected=only(RESTRICTED, VOID),
    ),
    Scenario(
        id="rate_limit",
        says="The site's own server asks this visitor to come back later.",
        looks_like="rate limit",
        target=NAME,
        sites=(site(shown_to={HERE: page("Slow down", "Too many requests.", ("Retry-After", "60"), status=429)}),),
        expected=only(RESTRICTED),
    ),
    Scenario(
        id="bot_challenge_for_all",
        says="A guard in front of the site asks everybody, the control too, for a proof.",
        looks_like="bot challenge",
        target=NAME,
        scheme="http",
        sites=(
            site(
                pages={
                    "/": page(
                        "DDoS-Guard", "Checking your browser before you go on.", ("Server", "ddos-guard"), status=403
                    )
                }
            ),
        ),
        expected=only(RESTRICTED),
    ),
    Scenario(
        id="withheld_by_the_server",
        says="The site's own server withholds the page here, with status 451, and names who wanted it so.",
        looks_like="451 with its Link",
        target=NAME,
        sites=(
            site(
                shown_to={
                    HERE: page(
                        "Unavailable for legal reasons",
                        "A court has ordered it.",
                        ("Link", '<https://court.example/>; rel="blocked-by"'),
                        status=451,
                    )
                }
            ),
        ),
        expected=only(RESTRICTED),
    ),
    Scenario(
        id="login_wall",
        says="The site sends everybody to its sign-in page, on another domain.",
        looks_like="a login wall",
        target=NAME,
        scheme="http",
        sites=(
            site(pages={"/": leads_to("https://sign-in.identity.example/?for=rights")}),
            site("sign-in.identity.example", NEXT_ADDRESS),
        ),
        expected=only(OK),
    ),
    Scenario(
        id="login_wall_for_visitors_from_here",
        says="The site's own server asks visitors from here for a password.",
        looks_like="a login wall",
        target=NAME,
        sites=(site(shown_to={HERE: page("Sign in", "Members only.", ("WWW-Authenticate", "Basic"), status=401)}),),
        expected=only(RESTRICTED),
    ),
    Scenario(
        id="page_never_the_same",
        says="The page is another one each time; only its title stays.",
        looks_like="a page that differs each time",
        target=NAME,
        scheme="http",
        sites=(
            site(
                variants=tuple(
                    page("The news of the hour", f"{words} {_WORDS}"[: 20 + 13 * n])
                    for n, words in enumerate(
                        ("Harbour reopened.", "Teachers on strike.", "Rain, then sun.", "Trams late.")
                    )
                )
            ),
        ),
        expected=only(OK, VOID),
    ),
    Scenario(
        id="page_in_another_language",
        says="Over https the site speaks the visitor's language, and the control's another.",
        looks_like="a page that differs by language",
        target=NAME,
        sites=(site(shown_to={HERE: page("Le tribunal du peuple", _IN_FRENCH, language="fr")}),),
        expected=only(OK),
    ),
    Scenario(
        id="page_in_another_language_over_http",
        says="Over http the site speaks the visitor's language, and the control's another; both pages bear its marks.",
        looks_like="a page that differs by language",
        target=NAME,
        scheme="http",
        sites=(
            site(
                pages={"/": page("The people's court", _WORDS, *_MADE_BY)},
                shown_to={HERE: page("Le tribunal du peuple", _IN_FRENCH, *_MADE_BY, language="fr")},
            ),
        ),
        expected=only(OK, VOID),
    ),
    Scenario(
        id="mirror_of_the_country",
        says="The site sends visitors from here to its own mirror for this country, by https.",
        looks_like="a page that differs by language",
        target=NAME,
        sites=(
            site(shown_to={HERE: leads_to("https://www.rights-in-here.example/")}),
            site("www.rights-in-here.example", NEXT_ADDRESS, pages={"/": page("Les droits", _IN_FRENCH)}),
        ),
        expected=only(OK, VOID),
    ),
    Scenario(
        id="other_addresses_of_the_cdn",
        says="The CDN tells this vantage point another of its addresses; the site's certificate is there too.",
        looks_like="CDN with other addresses",
        target=NAME,
        sites=(site(NAME, ADDRESS, ADDRESS_2, published=(ADDRESS_2,)),),
        rules=(box(Action.DNS_FORGE, addresses=(ADDRESS,)),),
        expected=only(OK),
    ),
    Scenario(
        id="other_addresses_of_the_cdn_over_http",
        says="The CDN tells this vantage point another of its addresses, over http; the page is the same.",
        looks_like="CDN with other addresses",
        target=NAME,
        scheme="http",
        sites=(site(NAME, ADDRESS, ADDRESS_2, published=(ADDRESS_2,)),),
        rules=(box(Action.DNS_FORGE, addresses=(ADDRESS,)),),
        expected=only(OK),
    ),
    Scenario(
        id="other_addresses_of_the_cdn_and_no_control",
        says="Nobody says which addresses are the site's, and the one given here shows its certificate.",
        looks_like="CDN with other addresses",
        target=NAME,
        sites=(site(NAME, ADDRESS, ADDRESS_2, published=(ADDRESS_2,)),),
        rules=(box(Action.DNS_FORGE, addresses=(ADDRESS,)),),
        control=ControlState.NONE,
        checks=True,
        expected=only(OK),
    ),
)

LOOK_ALIKES = (*OF_THE_SITE, *OF_THE_SERVER)
