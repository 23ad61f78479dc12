//! Events as CloudEvents in Kafka's binary mode: the envelope's attributes are headers, and the payload is the data alone.
//!
//! Specification: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md>. What is
//! no event of that kind travels as it is.

use bytes::Bytes;
use indexmap::IndexMap;
use serde_json::value::RawValue;
use souk_kit::event_log::Headers;

/// Before an attribute's name.
const ATTRIBUTE: &str = "ce_";
/// The header and, without [`ATTRIBUTE`], the attribute of the data's media type.
const CONTENT_TYPE: &str = "content-type";
const DATA_CONTENT_TYPE: &str = "datacontenttype";
/// The headers of the W3C trace context, and the attributes of CloudEvents' extension for it.
const TRACE: [&str; 2] = ["traceparent", "tracestate"];
/// The attributes of ours that are numbers in JSON; all headers are text.
const NUMBERS: [&str; 2] = ["sequence", "schemaversion"];
/// The whole event in JSON, as structured mode has it.
const WHOLE: &str = "application/cloudevents+json";

/// The headers that say an envelope's attributes, in their order, and what is left of the payload.
pub(super) fn taken_apart(payload: &Bytes) -> (Vec<(String, String)>, Bytes) {
    let Ok(members) = serde_json::from_slice::<IndexMap<String, &RawValue>>(payload) else {
        return (Vec::new(), payload.clone());
    };
    if let Some(apart) = binary(&members) {
        return apart;
    }
    let structured = members.contains_key("specversion").then(|| (CONTENT_TYPE.to_owned(), WHOLE.to_owned()));
    (structured.into_iter().collect(), payload.clone())
}

fn binary(members: &IndexMap<String, &RawValue>) -> Option<(Vec<(String, String)>, Bytes)> {
    let data = members.get("data")?;
    for (required, value) in [("specversion", Some("1.0")), (DATA_CONTENT_TYPE, Some("application/json"))]
        .into_iter()
        .chain(["id", "source", "type"].map(|name| (name, None)))
    {
        let found = text(members.get(required)?)?;
        if value.is_some_and(|value| value != found) {
            return None;
        }
    }
    let mut headers = Vec::with_capacity(members.len());
    for (name, value) in members {
        if name == "data" {
            continue;
        }
        if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            return None;
        }
        let value = if NUMBERS.contains(&name.as_str()) {
            value.get().parse::<i64>().ok()?.to_string()
        } else {
            text(value)?
        };
        if name == DATA_CONTENT_TYPE {
            headers.push((CONTENT_TYPE.to_owned(), value));
            continue;
        }
        if TRACE.contains(&name.as_str()) {
            headers.push((name.clone(), value.clone()));
        }
        headers.push((format!("{ATTRIBUTE}{name}"), value));
    }
    Some((headers, Bytes::copy_from_slice(data.get().as_bytes())))
}

fn text(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

/// The envelope in JSON of a record with these headers, in their order, and the headers that belong to no envelope. What
/// is not in binary mode has its payload as it is.
pub(super) fn put_together(headers: &[(&str, &[u8])], payload: &[u8]) -> (Bytes, Headers) {
    let is_binary = headers.iter().any(|(name, _)| *name == "ce_specversion");
    let has = |attribute| headers.iter().any(|(name, _)| name.strip_prefix(ATTRIBUTE) == Some(attribute));
    let mut json = String::from("{");
    let mut others = Headers::new();
    for (name, value) in headers {
        let attribute = match (is_binary, name.strip_prefix(ATTRIBUTE)) {
            (true, Some(attribute)) => attribute,
            (true, None) if *name == CONTENT_TYPE => DATA_CONTENT_TYPE,
            (true, None) if TRACE.contains(name) && has(*name) => continue,
            (true, None) if TRACE.contains(name) => *name,
            (false, None) if *name == CONTENT_TYPE && *value == WHOLE.as_bytes() => continue,
            _ => {
                others.insert((*name).to_owned(), Bytes::copy_from_slice(value));
                continue;
            }
        };
        let value = String::from_utf8_lossy(value);
        let number = value.parse::<i64>().ok().filter(|_| NUMBERS.contains(&attribute));
        json.push_str(&quoted(attribute));
        json.push(':');
        // As JSON writes it: others write zeros or a plus before theirs.
        json.push_str(&number.map_or_else(|| quoted(&value), |number| number.to_string()));
        json.push(',');
    }
    if !is_binary {
        return (Bytes::copy_from_slice(payload), others);
    }
    let mut whole = json.into_bytes();
    whole.extend_from_slice(br#""data":"#);
    whole.extend_from_slice(if payload.is_empty() { b"null" } else { payload });
    whole.push(b'}');
    (whole.into(), others)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn there_and_back(payload: &str) -> (Vec<(String, String)>, String, String) {
        let (headers, body) = taken_apart(&Bytes::copy_from_slice(payload.as_bytes()));
        let borrowed: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let (again, others) = put_together(&borrowed, &body);
        assert_eq!(others, Headers::new(), "nothing is left over");
        let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).unwrap();
        (headers, text(body), text(again))
    }

    const EVENT: &str = r#"{"specversion":"1.0","id":"evt_1","type":"company.created","source":"/souk/merchants","subject":"comp_1","time":"1970-01-01T00:00:00Z","datacontenttype":"application/json","company":"comp_1","actor":"service:seed","sequence":7,"schemaversion":1,"correlation":"c","traceparent":"00-1-2-01","tracestate":"a=1","data":{"name":"Nour \"of\" the 1.50","n":[1.10,2]}}"#;

    #[test]
    fn an_event_is_its_attributes_in_headers_and_its_data() {
        let (headers, body, again) = there_and_back(EVENT);
        assert_eq!(again, EVENT);
        assert_eq!(body, r#"{"name":"Nour \"of\" the 1.50","n":[1.10,2]}"#);
        let told: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(
            told,
            [
                "ce_specversion: 1.0",
                "ce_id: evt_1",
                "ce_type: company.created",
                "ce_source: /souk/merchants",
                "ce_subject: comp_1",
                "ce_time: 1970-01-01T00:00:00Z",
                "content-type: application/json",
                "ce_company: comp_1",
                "ce_actor: service:seed",
                "ce_sequence: 7",
                "ce_schemaversion: 1",
                "ce_correlation: c",
                "traceparent: 00-1-2-01",
                "ce_traceparent: 00-1-2-01",
                "tracestate: a=1",
                "ce_tracestate: a=1",
            ]
        );
    }

    #[test]
    fn what_is_no_event_travels_as_it_is() {
        for payload in ["", "not json", "7", "{}", r#"{"consumer":"x","event":{}}"#, "[1]"] {
            let (headers, body, again) = there_and_back(payload);
            assert_eq!((headers.len(), body.as_str(), again.as_str()), (0, payload, payload));
        }
        let odd = EVENT.replace(r#""correlation":"c""#, r#""correlation":{"deep":1}"#);
        let (headers, body, again) = there_and_back(&odd);
        assert_eq!(headers, [("content-type".to_owned(), WHOLE.to_owned())]);
        assert_eq!((body.as_str(), again.as_str()), (odd.as_str(), odd.as_str()));
    }

    #[test]
    fn a_foreign_event_is_an_envelope_too() {
        let headers: [(&str, &[u8]); 7] = [
            ("ce_specversion", b"1.0"),
            ("ce_id", b"1"),
            ("ce_type", b"t"),
            ("ce_source", b"/x"),
            ("content-type", b"application/json"),
            ("traceparent", b"00-a-b-01"),
            ("team", b"blue"),
        ];
        let (payload, others) = put_together(&headers, b"");
        let expected = r#"{"specversion":"1.0","id":"1","type":"t","source":"/x","datacontenttype":"application/json","traceparent":"00-a-b-01","data":null}"#;
        assert_eq!(std::str::from_utf8(&payload).unwrap(), expected);
        assert_eq!(others, Headers::from([("team".to_owned(), Bytes::from("blue"))]));
    }

    #[test]
    fn a_foreign_number_is_one_of_json_or_text() {
        for (told, expected) in [
            ("7", "7"),
            ("007", "7"),
            ("+7", "7"),
            ("-0", "0"),
            ("", "\"\""),
            ("0x7", "\"0x7\""),
            ("99999999999999999999", "\"99999999999999999999\""),
        ] {
            let headers: [(&str, &[u8]); 2] = [("ce_specversion", b"1.0"), ("ce_sequence", told.as_bytes())];
            let (payload, _) = put_together(&headers, b"");
            let event: IndexMap<String, &RawValue> = serde_json::from_slice(&payload).unwrap();
            assert_eq!(event["sequence"].get(), expected, "{told}");
        }
    }

    proptest! {
        #[test]
        fn any_payload_comes_back_as_it_went(
            text in ".*", subject in ".*", sequence in any::<i64>(), extra in "[a-zA-Z_]{1,8}", data in ".*",
        ) {
            there_and_back(&text);
            let event = serde_json::json!({
                "specversion": "1.0", "id": "1", "type": "t", "source": "/", "datacontenttype": "application/json",
                "subject": subject, "sequence": sequence, extra: text, "data": { "text": data },
            });
            let (_, _, again) = there_and_back(&event.to_string());
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&again).unwrap(), event);
        }
    }
}
