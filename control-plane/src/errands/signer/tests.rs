use super::*;
use chrono::TimeZone;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

/// Made for this test.
const KEY: &str = include_str!("test-key.pem");

fn request() -> SignRequest {
    SignRequest {
        deployment_id: "d".into(),
        method: "POST".into(),
        path: "/20231130/actions/chat".into(),
        host: "inference.test:8443".into(),
        content_type: "application/json".into(),
        content_length: 2,
        content_sha256: ring::digest::digest(&ring::digest::SHA256, b"{}").as_ref().to_vec(),
    }
}

#[test]
fn a_signature_holds_over_what_it_says_it_is_over() {
    let signer = Signer::new("t/u/aa:bb".into(), &Secret::new(KEY)).unwrap();
    let now = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
    let headers = signer.sign(&request(), now).unwrap();
    let get = |name: &str| headers.iter().find(|header| header.name == name).unwrap().value.as_str();
    assert_eq!(get("date"), "Fri, 02 Jan 2026 03:04:05 GMT");
    assert_eq!(get("x-content-sha256"), "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=");
    let authorization = get("authorization");
    let (head, signature) = authorization.rsplit_once("signature=\"").unwrap();
    assert_eq!(
        head,
        "Signature version=\"1\",keyId=\"t/u/aa:bb\",algorithm=\"rsa-sha256\",\
         headers=\"date (request-target) host content-length content-type x-content-sha256\","
    );
    let text = "date: Fri, 02 Jan 2026 03:04:05 GMT\n(request-target): post /20231130/actions/chat\n\
        host: inference.test:8443\ncontent-length: 2\ncontent-type: application/json\n\
        x-content-sha256: RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=";
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, signer.key.public());
    let signature = STANDARD.decode(signature.trim_end_matches('"')).unwrap();
    public.verify(text.as_bytes(), &signature).unwrap();
}

#[test]
fn a_key_may_have_its_lines_in_one() {
    let line = KEY.trim().replace('\n', "\\n");
    assert!(Signer::new(String::new(), &Secret::new(line)).is_ok());
}

#[test]
fn what_is_no_key_is_told_and_none_is_shown() {
    for text in ["", "key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        assert!(Signer::new(String::new(), &Secret::new(text)).is_err());
    }
    let signer = Signer::new("t/u/f".into(), &Secret::new(KEY)).unwrap();
    assert_eq!(format!("{signer:?}"), "Signer { name: \"t/u/f\", .. }");
}
