//! What a list means, which addresses of an origin pass, and which never do.

use std::net::IpAddr;

use rstest::rstest;
use url::Url;

use super::{Guard, GuardError};

fn guard(text: &str) -> Guard {
    Guard::parse(text).unwrap()
}

fn listed(list: &str, url: &str) -> bool {
    guard(list).check_url(&Url::parse(url).unwrap()).is_ok()
}

fn permits(entry: &str, address: &str) -> bool {
    let guard = guard(entry);
    let entry = guard.entries().first().unwrap();
    guard.permits(entry, address.parse::<IpAddr>().unwrap())
}

#[test]
fn list_is_split_at_white_space_and_commas() {
    let guard = guard(" https://a.example,http://b.example:8080\n\thttp://c+private ,, ");
    assert_eq!(guard.entries().len(), 3);
    assert_eq!(super::Guard::parse(" ,\n").unwrap().entries().len(), 0);
}

#[rstest]
#[case("api.openai.com")]
#[case("//api.openai.com")]
#[case("https:")]
#[case("https://")]
#[case("https://a.example/v1")]
#[case("https://a.example?")]
#[case("https://a.example?x=1")]
#[case("https://a.example#")]
#[case("https://user@a.example")]
#[case("https://@a.example")]
#[case("https://:@a.example")]
#[case("https://a.example\\v1")]
#[case("ftp://a.example")]
#[case("file:///etc/passwd")]
#[case("https://*.example")]
#[case("*")]
#[case("https://a.example:99999")]
#[case("https://a.example+public")]
#[case("https://a.example+private+private")]
#[case("http://0.0.0.0:80")]
#[case("http://0")]
#[case("http://[::]")]
#[case("http://224.0.0.1")]
#[case("http://255.255.255.255")]
#[case("http://[ff02::1]")]
#[case("https://ok.example https://a.example/v1")]
fn list_with_a_mistake_is_none(#[case] text: &str) {
    assert!(
        matches!(Guard::parse(text), Err(GuardError::InvalidEntry { .. })),
        "{text}"
    );
}

#[rstest]
#[case("https://a.example", "https://a.example/v1/chat?api-version=1")]
#[case("https://a.example", "https://A.Example:443/v1")]
#[case("https://a.example:443", "https://a.example/")]
#[case("HTTPS://A.EXAMPLE/", "https://a.example/")]
#[case("http://a.example:8080", "http://a.example:8080/")]
#[case("https://bücher.example", "https://xn--bcher-kva.example/")]
#[case("http://127.0.0.1:8080", "http://0x7f.1:8080/")]
#[case("http://[::1]:8080", "http://[0:0::1]:8080/")]
#[case("http://b http://a", "http://a/")]
fn listed_origin_passes(#[case] list: &str, #[case] url: &str) {
    assert!(listed(list, url));
}

#[rstest]
#[case("", "https://a.example/")]
#[case("https://a.example", "http://a.example/")]
#[case("https://a.example", "http://a.example:443/")]
#[case("https://a.example", "https://a.example:8443/")]
#[case("https://a.example", "https://a.example./")]
#[case("https://a.example", "https://b.a.example/")]
#[case("https://a.example", "https://a.example.evil.example/")]
#[case("https://a.example", "https://evil.example/https://a.example/")]
#[case("https://a.example", "https://a.example@evil.example/")]
#[case("https://a.example", "https://user@a.example/")]
#[case("https://a.example", "https://:secret@a.example/")]
#[case("https://a.example", "https://a.example/#fragment")]
#[case("https://a.example", "ftp://a.example/")]
#[case("https://a.example", "https://аexample/")]
#[case("http://127.0.0.1:80", "http://127.0.0.2/")]
#[case("http://127.0.0.1:80", "http://localhost/")]
#[case("http://localhost", "http://127.0.0.1/")]
#[case("http://127.0.0.1", "http://[::ffff:127.0.0.1]/")]
#[case("http://[::1]", "http://127.0.0.1/")]
fn other_origin_is_refused(#[case] list: &str, #[case] url: &str) {
    assert!(!listed(list, url));
}

#[test]
fn refusal_names_the_origin_and_not_the_rest() {
    let url = Url::parse("https://evil.example:8443/path?key=hunter2").unwrap();
    assert_eq!(
        guard("https://a.example")
            .check_url(&url)
            .unwrap_err()
            .to_string(),
        "the origin \"https://evil.example:8443\" is not on the list of origins that may be called"
    );
}

/// Whether an address passes for a plain name, a name with `+private`, and `localhost`.
#[rstest]
#[case("8.8.8.8", true, true, false)]
#[case("1.1.1.1", true, true, false)]
#[case("172.15.255.255", true, true, false)]
#[case("172.32.0.0", true, true, false)]
#[case("100.63.255.255", true, true, false)]
#[case("100.128.0.0", true, true, false)]
#[case("198.17.255.255", true, true, false)]
#[case("198.20.0.0", true, true, false)]
#[case("223.255.255.255", true, true, false)]
#[case("2606:4700::1111", true, true, false)]
#[case("2a00:1450:4001::1", true, true, false)]
#[case("2001:4860:4860::8888", true, true, false)]
#[case("2001:200::1", true, true, false)]
#[case("3fff:1000::1", true, true, false)]
#[case("64:ff9b::808:808", true, true, false)]
#[case("127.0.0.1", false, true, true)]
#[case("127.255.255.254", false, true, true)]
#[case("::1", false, true, true)]
#[case("10.0.0.1", false, true, false)]
#[case("10.255.255.255", false, true, false)]
#[case("172.16.0.1", false, true, false)]
#[case("172.31.255.255", false, true, false)]
#[case("192.168.1.1", false, true, false)]
#[case("100.64.0.1", false, true, false)]
#[case("100.127.255.255", false, true, false)]
#[case("fc00::1", false, true, false)]
#[case("fdff::1", false, true, false)]
#[case("0.0.0.0", false, false, false)]
#[case("0.1.2.3", false, false, false)]
#[case("169.254.169.254", false, false, false)]
#[case("169.254.0.1", false, false, false)]
#[case("192.0.0.192", false, false, false)]
#[case("192.0.2.1", false, false, false)]
#[case("198.51.100.1", false, false, false)]
#[case("203.0.113.1", false, false, false)]
#[case("192.88.99.1", false, false, false)]
#[case("198.18.0.1", false, false, false)]
#[case("198.19.255.255", false, false, false)]
#[case("192.31.196.1", false, false, false)]
#[case("192.52.193.1", false, false, false)]
#[case("192.175.48.1", false, false, false)]
#[case("2620:4f:8000::1", false, false, false)]
#[case("2620:4f:8001::1", true, true, false)]
#[case("224.0.0.1", false, false, false)]
#[case("239.255.255.255", false, false, false)]
#[case("240.0.0.1", false, false, false)]
#[case("255.255.255.255", false, false, false)]
#[case("100.100.100.200", false, false, false)]
#[case("168.63.129.16", false, false, false)]
#[case("::", false, false, false)]
#[case("fe80::1", false, false, false)]
#[case("febf::1", false, false, false)]
#[case("fec0::1", false, false, false)]
#[case("ff02::1", false, false, false)]
#[case("100::1", false, false, false)]
#[case("2001:db8::1", false, false, false)]
#[case("3fff::1", false, false, false)]
#[case("5f00::1", false, false, false)]
#[case("fd00:ec2::254", false, false, false)]
#[case("fd20:ce::254", false, false, false)]
#[case::mapped_loopback("::ffff:127.0.0.1", false, false, false)]
#[case::mapped_private("::ffff:10.0.0.1", false, false, false)]
#[case::mapped_metadata("::ffff:169.254.169.254", false, false, false)]
#[case::compatible_loopback("::127.0.0.1", false, false, false)]
#[case::compatible_metadata("::169.254.169.254", false, false, false)]
#[case::translated("::ffff:0:127.0.0.1", false, false, false)]
#[case::six_to_four_loopback("2002:7f00:1::", false, false, false)]
#[case::six_to_four_metadata("2002:a9fe:a9fe::", false, false, false)]
#[case::nat64_loopback("64:ff9b::7f00:1", false, false, false)]
#[case::nat64_private("64:ff9b::a00:1", false, false, false)]
#[case::nat64_metadata("64:ff9b::a9fe:a9fe", false, false, false)]
#[case::nat64_cloud("64:ff9b::a83f:8110", false, false, false)]
#[case::nat64_local("64:ff9b:1::808:808", false, false, false)]
#[case::teredo("2001:0:5ef5:79fb::1", false, false, false)]
#[case::benchmark("2001:2::1", false, false, false)]
fn address_passes_for_a_name(
    #[case] address: &str,
    #[case] name: bool,
    #[case] private: bool,
    #[case] localhost: bool,
) {
    assert_eq!(permits("https://models.example", address), name);
    assert_eq!(permits("http://ollama:11434+private", address), private);
    assert_eq!(permits("http://localhost:8080", address), localhost);
    assert_eq!(permits("http://localhost:8080+private", address), localhost);
}

#[rstest]
#[case("http://127.0.0.1:8080", "127.0.0.1", true)]
#[case("http://127.0.0.1:8080", "127.0.0.2", false)]
#[case("http://127.0.0.1:8080", "::1", false)]
#[case("http://127.0.0.1:8080", "::ffff:127.0.0.1", false)]
#[case("http://10.1.2.3+private", "10.1.2.3", true)]
#[case("http://10.1.2.3+private", "10.1.2.4", false)]
#[case("http://[::1]", "::1", true)]
#[case("http://169.254.1.1", "169.254.1.1", true)]
#[case("https://8.8.8.8", "8.8.4.4", false)]
fn literal_permits_itself_alone(
    #[case] entry: &str,
    #[case] address: &str,
    #[case] expected: bool,
) {
    assert_eq!(permits(entry, address), expected);
}

#[rstest]
#[case("http://ollama http://ollama+private")]
#[case("http://ollama+private http://ollama")]
fn suffix_counts_wherever_it_stands(#[case] list: &str) {
    let guard = guard(list);
    let entry = guard
        .check_url(&Url::parse("http://ollama/").unwrap())
        .unwrap();
    assert!(guard.permits(entry, "10.0.0.1".parse().unwrap()));
}

#[rstest]
#[case("https://a.example/v1?x=1", Some("https://a.example/v1?x=1"))]
#[case("https://A.example:443", Some("https://a.example/"))]
#[case("https://b.example/", None)]
#[case("https://a.example\\@b.example/", None)]
#[case("https://a.example/v1\r\nX: y", None)]
#[case("https://a.exa\tmple/", None)]
#[case(" https://a.example/", None)]
#[case("https://a.example/ ", None)]
#[case("https://a.example/\u{a0}", None)]
#[case("https:a.example", None)]
#[case("https:///a.example/", None)]
#[case("a.example", None)]
#[case("", None)]
fn text_that_could_be_read_otherwise_is_no_address(
    #[case] text: &str,
    #[case] expected: Option<&str>,
) {
    let url = guard("https://a.example").read_url(text).ok();
    assert_eq!(url.as_ref().map(Url::as_str), expected);
}
