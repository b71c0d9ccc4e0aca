"""A small internet in network namespaces, of servers that nobody here wrote: nginx, unbound, dante, microsocks, tinyproxy.

    client (11.1.1.2) --.                     .-- sites (11.2.2.x): nginx
                         router and censor --<
    ISP (11.4.4.x, in the router)             `-- abroad (11.3.3.x): unbound, `wallwatch control`, the operator

The addresses look public, because they are meant to be taken for public ones; nothing leaves the namespaces.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from lab.certificates import Authority
from realworld.namespaces import Namespace, Namespaces

CLIENT, OPERATOR, HONEST = "11.1.1.2", "11.3.3.2", "11.3.3.53"
LYING, BLOCK_PAGE = "11.4.4.53", "11.4.4.80"
CONTROL = f"https://{OPERATOR}:8443/"
SITES = {
    "open.example": "11.2.2.10",
    "forged.example": "11.2.2.11",
    "nxdomain.example": "11.2.2.12",
    "refused.example": "11.2.2.13",
    "dropped.example": "11.2.2.14",
    "rejected.example": "11.2.2.15",
    "snireset.example": "11.2.2.16",
    "snidrop.example": "11.2.2.17",
    "blockpage.example": "11.2.2.18",
    "intercepted.example": "11.2.2.19",
    "hijacked.example": "11.2.2.20",
    "example.com": "11.2.2.21",  # the harmless name that contrasts compare with
}
GONE = {"gone.example": "11.2.2.99"}  # in the DNS, and nowhere else
PROXIES = {
    "dante": "socks5://11.1.1.2:1080",
    "microsocks": "socks5://11.1.1.2:1081",
    "tinyproxy": "http://11.1.1.2:8888",
}
_WORDS = "Everyone has the right to freedom of opinion and expression. " * 60


@dataclass
class Network:
    """The namespaces and where their files lie."""

    folder: Path
    client: Namespace
    router: Namespace
    sites: Namespace
    abroad: Namespace
    trusted: Authority = field(default_factory=lambda: Authority("A lab's authority"))
    stranger: Authority = field(default_factory=lambda: Authority("National Filter CA"))

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    def resolve_by(self, address: str) -> None:
        """Gives the client's network this name server; its proxies, which resolve for others, are started anew."""
        self.client.resolve_by(address)
        folder = self.folder
        self.client.start("dante", "danted", "-f", str(folder / "danted.conf"), "-p", str(folder / "danted.pid"))
        self.client.start("microsocks", "microsocks", "-i", CLIENT, "-p", "1081")
        self.client.start("tinyproxy", "tinyproxy", "-d", "-c", str(folder / "tinyproxy.conf"))
        for port in (1080, 1081, 8888):
            self.client.wait_for(port, CLIENT)


def build(namespaces: Namespaces, folder: Path) -> Network:
    """Lays the cables and starts the servers."""
    network = Network(folder, *(namespaces.make(label) for label in ("client", "router", "sites", "abroad")))
    router = network.router
    router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    namespaces.join(router, network.client, "11.1.1", hosts=[CLIENT])
    namespaces.join(router, network.sites, "11.2.2", hosts=list(SITES.values()))
    namespaces.join(router, network.abroad, "11.3.3", hosts=[OPERATOR, HONEST])
    for address in (LYING, BLOCK_PAGE):
        router.run("ip", "addr", "add", f"{address}/32", "dev", "lo")
    network.ca.write_bytes(network.trusted.pem)
    _start_sites(network)
    _start_isp(network)
    _start_abroad(network)
    _configure_proxies(network)
    return network


def _start_sites(network: Network) -> None:
    servers = []
    for name, address in SITES.items():
        pem = _certificate(network, network.trusted, name)
        root = network.folder / "www" / name
        root.mkdir(parents=True)
        (root / "index.html").write_text(
            f"<html><title>{name}</title><body><h1>{name}</h1><p>{_WORDS}</p></body></html>"
        )
        default = " default_server" if name == "open.example" else ""
        servers.append(
            f"server {{ listen {address}:80; listen {address}:443 ssl{default}; server_name {name};"
            f" ssl_certificate {pem}; ssl_certificate_key {pem}; root {root};"
            f" location = /inside {{ return 302 http://10.0.0.1/; }} location = /204 {{ return 204; }} }}"
        )
    _start_nginx(network, network.sites, "sites", servers)
    network.sites.wait_for(443, SITES["open.example"])


def _start_isp(network: Network) -> None:
    pem = _certificate(network, network.stranger, *SITES)
    page = "<html><title>Access denied</title><body>This site is blocked by order of the regulator.</body></html>"
    servers = [
        f"server {{ listen {BLOCK_PAGE}:80; listen {BLOCK_PAGE}:443 ssl; ssl_certificate {pem}; ssl_certificate_key {pem};"
        f" default_type text/html; location / {{ return 403 '{page}'; }} }}"
    ]
    _start_nginx(network, network.router, "isp", servers)
    lies = [
        f'local-data: "forged.example. A {BLOCK_PAGE}"',
        f'local-data: "hijacked.example. A {BLOCK_PAGE}"',
        'local-zone: "nxdomain.example." always_nxdomain',
        'local-zone: "refused.example." always_refuse',
    ]
    _start_unbound(network, network.router, "isp", LYING, lies, forward=HONEST)
    network.router.wait_for(80, BLOCK_PAGE)
    network.router.wait_for(53, LYING)


def _start_abroad(network: Network) -> None:
    truth = [f'local-data: "{name}. A {address}"' for name, address in (SITES | GONE).items()]
    truth += ['local-zone: "." static', 'local-data: "a.root-servers.net. A 198.41.0.4"']
    _start_unbound(network, network.abroad, "honest", HONEST, truth)
    network.abroad.wait_for(53, HONEST)
    network.abroad.resolve_by(HONEST)
    pem = _certificate(network, network.trusted, OPERATOR)
    wallwatch = str(Path(sys.executable).with_name("wallwatch"))
    arguments = ("control", "--listen", f"{OPERATOR}:8443", "--tls-cert", str(pem), "--rate", "600")
    network.abroad.start("control", wallwatch, *arguments, env={"SSL_CERT_FILE": str(network.ca)})
    network.abroad.wait_for(8443, OPERATOR)


def _configure_proxies(network: Network) -> None:
    (network.folder / "danted.conf").write_text(
        f"logoutput: stderr\ninternal: {CLIENT} port = 1080\nexternal: {CLIENT}\nsocksmethod: none\nclientmethod: none\n"
        "user.privileged: root\nuser.unprivileged: nobody\n"
        "client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\nsocks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n"
    )
    (network.folder / "tinyproxy.conf").write_text(
        f"Port 8888\nListen {CLIENT}\nTimeout 60\nAllow 11.0.0.0/8\nLogLevel Error\nMaxClients 50\n"
    )
    network.resolve_by(HONEST)


def _certificate(network: Network, authority: Authority, *names: str) -> Path:
    leaf = authority.leaf(*names)
    path = network.folder / f"{names[0]}-{len(names)}.pem"
    path.write_bytes(leaf.key + leaf.certificate)
    return path


def _start_nginx(network: Network, where: Namespace, label: str, servers: list[str]) -> None:
    home = network.folder / f"nginx-{label}"
    home.mkdir()
    paths = " ".join(
        f"{kind}_temp_path {home}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = (
        f"user root; daemon off; worker_processes 1; pid {home}/pid; error_log {home}/error.log;\n"
        f"events {{ worker_connections 512; }}\nhttp {{ access_log off; {paths}\n" + "\n".join(servers) + "\n}\n"
    )
    (home / "nginx.conf").write_text(config)
    where.start(f"nginx-{label}", "nginx", "-c", str(home / "nginx.conf"), "-e", str(home / "error.log"))


def _start_unbound(
    network: Network, where: Namespace, label: str, address: str, data: list[str], *, forward: str | None = None
) -> None:
    lines = "\n  ".join(data)
    config = (
        f"server:\n  interface: {address}\n  access-control: 0.0.0.0/0 allow\n  do-daemonize: no\n  use-syslog: no\n"
        f'  username: ""\n  chroot: ""\n  directory: "{network.folder}"\n  pidfile: "{network.folder}/unbound-{label}.pid"\n'
        f'  logfile: ""\n  module-config: "iterator"\n  outgoing-interface: {address}\n  {lines}\nremote-control:\n  control-enable: no\n'
    )
    if forward:
        config += f'forward-zone:\n  name: "."\n  forward-addr: {forward}\n'
    path = network.folder / f"unbound-{label}.conf"
    path.write_text(config)
    where.start(f"unbound-{label}", "unbound", "-d", "-p", "-c", str(path))
