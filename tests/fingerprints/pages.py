"""Pages that are no block pages, made for these tests: ordinary ones, errors, challenges, refusals, parked and captive ones."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Page:
    """What a server answered."""

    name: str
    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = field(default=(("Content-Type", "text/html; charset=utf-8"),))
    country: str | None = None  # where somebody would most likely meet it

    @property
    def id(self) -> str:
        return self.name.replace(" ", "-")


def page(name: str, heading: str, text: str, *, country: str | None = None, head: str = "", **parts: object) -> Page:
    """Returns an ordinary page in UTF-8."""
    body = f"<!doctype html><html><head><title>{heading}</title>{head}</head><body><h1>{heading}</h1><p>{text}</p></body></html>"
    return Page(name, body.encode(), country=country, **parts)  # type: ignore[arg-type]


def encoded(name: str, heading: str, text: str, charset: str, codec: str, country: str) -> Page:
    """Returns a page in an older charset, named in its `meta` element alone."""
    body = (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"><title>{heading}</title></head>'
        f"<body><h1>{heading}</h1><p>{text}</p></body></html>"
    )
    return Page(name, body.encode(codec), headers=(("Content-Type", "text/html"),), country=country)


def served(name: str, status: int, body: str, country: str | None = None, **headers: str) -> Page:
    """Returns an answer with a server's own headers."""
    named = tuple((key.replace("_", "-"), value) for key, value in headers.items())
    return Page(name, body.encode(), status, (("Content-Type", "text/html"), *named), country)


_NEWS = (
    "The report counts arrests, trials and laws in forty countries, and asks governments to answer by the end of the year. "
    * 20
)
_LONG_RU = (
    "Депутаты обсудили поправки. Журналисты просили объяснить, как применяется закон в регионах, и получили подробный ответ. "
    * 40
)
ORDINARY = (
    page("a news site", "World news", _NEWS),
    page("a human rights site", "Campaigns and reports", "Sign the petition. Donate. Read about people at risk. " * 12),
    page("a shop", "Buy shoes online", "Add to basket. Delivery within three days. Returns are free. " * 20),
    page(
        "a blog on censorship",
        "How networks block sites",
        "Some networks forge DNS answers, others reset connections; a page may say that access to this site is restricted. "
        * 10,
    ),
    page(
        "an article on block pages",
        "What block pages look like",
        "In Iran a frame shows a private address, in Russia a page names the law, in Indonesia it names a programme. "
        * 40,
    ),
    page(
        "an article on filters",
        "Who sells web filters",
        "Netsweeper, Blue Coat, Sandvine, FortiGuard and WireFilter are names that reports mention. " * 40,
    ),
    page(
        "a petition",
        "Defend online freedom",
        "People were told that the site was blocked in the press centre. Sign here. " * 10,
    ),
    page(
        "an encyclopaedia's article",
        "Internet censorship",
        "See also: Great Firewall, Golden Shield, Deep packet inspection. References. External links. " * 30,
    ),
    page(
        "an application's shell",
        "App",
        "<noscript>You need to enable JavaScript to run this app.</noscript><div id='root'></div>",
    ),
    page(
        "a site behind a cookie wall",
        "Before you continue",
        "We use cookies and data to deliver and maintain services. Accept all. Reject all.",
    ),
    page(
        "a login wall", "Log in", "Enter your user name and your password. Forgot your password? Create a new account."
    ),
    page("an age gate", "Are you over 18?", "This website contains material for adults. Yes, I am over 18. No, leave."),
    page(
        "a page with an own refresh", "Welcome", "One moment.", head='<meta http-equiv="refresh" content="0; url=/en/">'
    ),
    page(
        "a page that leads to its other domain",
        "Welcome",
        "We have moved.",
        head='<meta http-equiv="refresh" content="0; url=https://www.example-group.net/">',
    ),
    page("a page framed whole", "Our site", "<iframe src='https://pages.example-hosting.net/customer/17'></iframe>"),
    encoded(
        "a Russian paper of record",
        "Новости",
        _LONG_RU + "Доступ к сайту может быть ограничен по закону № 149-ФЗ. " + _LONG_RU,
        "windows-1251",
        "cp1251",
        "RU",
    ),
    encoded(
        "a Russian shop in koi8",
        "Магазин",
        "Книги, журналы, игрушки. Доставка по всей стране. " * 20,
        "koi8-r",
        "koi8-r",
        "RU",
    ),
    encoded("a Chinese portal", "门户网站", "新闻 体育 财经 娱乐 科技 汽车 房产 旅游。" * 30, "gb2312", "gb2312", "CN"),
    encoded(
        "an Arabic paper",
        "الأخبار",
        "آخر الأخبار من المنطقة والعالم، الرياضة والاقتصاد والثقافة. " * 20,
        "windows-1256",
        "cp1256",
        "SA",
    ),
    encoded(
        "a Turkish paper",
        "Haberler",
        "Gündem, ekonomi, spor ve kültür haberleri. " * 20,
        "windows-1254",
        "cp1254",
        "TR",
    ),
    encoded("a Thai paper", "ข่าววันนี้", "ข่าวการเมือง เศรษฐกิจ กีฬา และบันเทิง " * 20, "windows-874", "cp874", "TH"),
    page("a Persian paper", "اخبار امروز", "سیاست، اقتصاد، فرهنگ و ورزش. " * 20, country="IR"),
    page(
        "an Indonesian paper",
        "Berita terkini",
        "Politik, ekonomi, olahraga dan hiburan dari seluruh negeri. " * 20,
        country="ID",
    ),
    page("a Korean paper", "오늘의 뉴스", "정치 경제 사회 문화 스포츠 기사 모음. " * 20, country="KR"),
    page("a Vietnamese paper", "Tin tức", "Chính trị, kinh tế, văn hóa và thể thao. " * 20, country="VN"),
    page(
        "a document out of a word processor",
        "Minutes",
        "Present: four members. The minutes of the last meeting were approved.",
        head='<meta name=Generator content="Microsoft Word 14"><meta name=ProgId content=Word.Document>',
    ),
)
ERRORS = (
    served(
        "nginx not found",
        404,
        "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center><hr><center>nginx/1.24.0</center></body></html>",
        Server="nginx/1.24.0",
    ),
    served(
        "nginx forbidden",
        403,
        "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><hr><center>nginx</center></body></html>",
        Server="nginx",
    ),
    served(
        "nginx bad gateway",
        502,
        "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>",
        Server="nginx",
    ),
    served(
        "nginx welcome",
        200,
        "<html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1><p>Further configuration is required.</p></body></html>",
        Server="nginx",
    ),
    served(
        "apache not found",
        404,
        "<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1><p>The requested URL was not found on this server.</p><hr><address>Apache/2.4.62 (Debian) Server at www.example.org Port 80</address></body></html>",
        Server="Apache/2.4.62 (Debian)",
    ),
    served(
        "apache moved",
        301,
        '<html><head><title>301 Moved Permanently</title></head><body><h1>Moved Permanently</h1><p>The document has moved <a href="https://www.amnesty.example/">here</a>.</p></body></html>',
        Server="Apache",
        Location="https://www.amnesty.example/",
    ),
    served(
        "apache list of files",
        200,
        '<html><head><title>Index of /</title></head><body><h1>Index of /</h1><ul><li><a href="old/">old/</a></li></ul></body></html>',
        Server="Apache",
    ),
    served(
        "iis server error",
        500,
        "<html><head><title>500 - Internal server error.</title></head><body><h2>500 - Internal server error.</h2><h3>There is a problem with the resource you are looking for.</h3></body></html>",
        Server="Microsoft-IIS/10.0",
    ),
    served(
        "maintenance",
        503,
        "<html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1><p>The site is being maintained.</p></body></html>",
        Retry_After="3600",
    ),
    served("a database is away", 500, "<h1>Error establishing a database connection</h1>"),
    served(
        "a proxy finds no way",
        503,
        "<html><head><title>ERROR: The requested URL could not be retrieved</title></head><body><h1>ERROR</h1><p>Unable to determine IP address from host name.</p></body></html>",
        Via="1.1 proxy.example (squid/5.7)",
        X_Squid_Error="ERR_DNS_FAIL 0",
    ),
    served(
        "a cache's error",
        503,
        "<html><head><title>503 Backend fetch failed</title></head><body><h1>Error 503 Backend fetch failed</h1><p>Guru Meditation: XID: 3276</p><hr><p>Varnish cache server</p></body></html>",
        Via="1.1 varnish",
        Server="Varnish",
    ),
    served(
        "no such application",
        404,
        "<html><head><title>No such app</title></head><body><iframe src='https://www.example-cloud.com/error-pages/no-such-app.html'></iframe></body></html>",
    ),
    served(
        "no such bucket",
        404,
        "<?xml version='1.0'?><Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>",
        Server="AmazonS3",
    ),
    served(
        "unknown domain at a CDN",
        500,
        "<html><head><title>Fastly error: unknown domain</title></head><body>Fastly error: unknown domain: www.amnesty.example. Please check that this domain has been added to a service.</body></html>",
    ),
    served("an empty page", 200, "<html><head></head><body> </body></html>"),
    served("nothing but a word", 200, "OK"),
)
CHALLENGES = (
    served(
        "cloudflare challenge",
        403,
        "<html><head><title>Just a moment...</title></head><body>Enable JavaScript and cookies to continue</body></html>",
        Server="cloudflare",
        cf_mitigated="challenge",
        CF_RAY="8c1-FRA",
    ),
    served(
        "cloudflare refusal",
        403,
        "<html><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have been blocked</h1><p>You are unable to access example.org. This website is using a security service to protect itself.</p><p>Ray ID: 8c1</p></body></html>",
        Server="cloudflare",
        CF_RAY="8c1-FRA",
    ),
    served(
        "cloudflare cannot connect",
        522,
        "<html><head><title>example.org | 522: Connection timed out</title></head><body>Connection timed out Error code 522. Ray ID: 8c1</body></html>",
        Server="cloudflare",
        CF_RAY="8c1-FRA",
    ),
    served(
        "akamai refusal",
        403,
        '<html><head><title>Access Denied</title></head><body><h1>Access Denied</h1>You don\'t have permission to access "http://www.example.org/" on this server.<p>Reference #18.2f</p></body></html>',
        Server="AkamaiGHost",
    ),
    served(
        "ddos-guard challenge",
        403,
        "<html><head><title>DDoS-Guard</title></head><body>Checking your browser before accessing the site.</body></html>",
        Server="ddos-guard",
        country="RU",
    ),
    served(
        "sucuri refusal",
        403,
        "<html><head><title>Sucuri WebSite Firewall - Access Denied</title></head><body>Access Denied - Sucuri Website Firewall. Your IP. Block ID: GEO02</body></html>",
        Server="Sucuri/Cloudproxy",
        X_Sucuri_Block="GEO02",
    ),
    served(
        "incapsula challenge",
        200,
        "<html><head><meta name='robots' content='noindex'></head><body><iframe src='/_Incapsula_Resource?CWUDNSAI=9'>Request unsuccessful. Incapsula incident ID: 17</iframe></body></html>",
    ),
    served(
        "aws captcha",
        405,
        "<html><head><title>Human Verification</title></head><body>Complete the captcha to go on.</body></html>",
        X_Amzn_Waf_Action="captcha",
    ),
    served(
        "too many requests",
        429,
        "<html><head><title>429 Too Many Requests</title></head><body>Slow down.</body></html>",
        Retry_After="60",
    ),
    served(
        "geoblock of a broadcaster",
        403,
        "<html><head><title>Not available</title></head><body>This video is not available in your country for reasons of rights.</body></html>",
    ),
    served(
        "geoblock by privacy law",
        451,
        "<html><head><title>451: Unavailable due to legal reasons</title></head><body>We cannot grant access from the European Economic Area at this time.</body></html>",
    ),
    served(
        "login demanded",
        401,
        "<html><head><title>401 Authorization Required</title></head><body><h1>401 Authorization Required</h1></body></html>",
        WWW_Authenticate="Basic",
    ),
)
PARKED = (
    page("for sale", "example.org is for sale", "This domain is for sale. Make an offer, or call us."),
    page(
        "parked with advertisements",
        "example.org",
        "Related searches: insurance, flights, loans. The owner of this domain parked it. Privacy policy.",
    ),
    page("coming soon", "Coming soon", "A new site is on its way. Coming soon!"),
    page(
        "a registrar's first page",
        "Domain registered",
        "This domain has just been registered for a customer. There is no site here yet.",
    ),
    page("expired", "Domain expired", "This domain name has expired. If you are its owner, renew it."),
    page("account suspended", "Account Suspended", "This account has been suspended. Contact your hosting provider."),
    page(
        "a provider's search page",
        "Search results",
        "The name could not be found. Did you mean one of these? Search the web.",
    ),
    page(
        "a hotel's portal",
        "Welcome to our free Wi-Fi",
        "Enter your room number and accept the terms to go online.",
        head='<meta http-equiv="refresh" content="1; url=http://10.5.50.1/login">',
    ),
    page("a train's portal", "On board", "Welcome on board. Press the button to go online. Speed, next stop, menu."),
)
ALL = (*ORDINARY, *ERRORS, *CHALLENGES, *PARKED)
