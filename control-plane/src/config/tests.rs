use super::*;
use crate::prices::Prices;
use tianji_core::config::Settings;

fn env() -> Environment {
    Environment::from([("OPENAI_API_KEY", "sk-openai-1234567890"), ("MASTER", "sk-1234")])
}

const GOOD: &str = r"
environment_variables:
  REGION: eu
model_list:
  - model_name: fast
    litellm_params: &params
      model: openai/gpt-4o-mini
      api_key: os.environ/OPENAI_API_KEY
      organization: os.environ/REGION
      rpm: 60
  - model_name: slow
    litellm_params:
      <<: *params
      timeout: 30
    model_info: {id: slow-1}
litellm_settings: {drop_params: true, request_timeout: 90}
router_settings: {num_retries: 2, routing_strategy: simple-shuffle}
general_settings: {master_key: os.environ/MASTER}
";

#[test]
fn a_litellm_file_is_understood() {
    let reading = parse(GOOD, env()).unwrap();
    assert!(reading.faults.is_empty(), "{:?}", reading.faults);
    assert!(reading.warnings.is_empty(), "{:?}", reading.warnings);
    let config = reading.config;
    assert_eq!(config.master_key.as_ref().unwrap().expose(), "sk-1234");
    assert!(config.settings.drop_params);
    assert_eq!((config.settings.request_timeout, config.settings.max_attempts), (90.0, 3));
    let (catalog, _) = Catalog::build(&config.models, config.settings, &config.env);
    let slow = catalog.model("slow-1").unwrap();
    assert_eq!(slow.key.as_ref().unwrap().expose(), "sk-openai-1234567890");
    assert_eq!(slow.deployment.timeout, Some(30.0));
    assert_eq!(slow.deployment.params["organization"], "eu");
}

#[test]
fn all_faults_and_warnings_are_told_at_once() {
    let reading = parse(
        r"
model_list:
  - model_name: a
    litellm_params: {model: openai/x, api_key: os.environ/NOT_THERE, api_base: os.environ/NEITHER}
  - litellm_params: {model: openai/x}
  - model_name: 5
    litellm_params: []
    surprise: 1
  - just a text
litellm_settings: {request_timeout: -1, callbacks: [langfuse]}
router_settings: {routing_strategy: latency-based-routing, num_retries: -1}
general_settings: text
new_section: {}
",
        env(),
    )
    .unwrap();
    let lines = |faults: &[Fault]| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(format!("{}\n---\n{}", lines(&reading.faults), lines(&reading.warnings)));
}

#[test]
fn what_is_no_yaml_is_a_sentence() {
    for text in ["a: [", "a: 1\na: 2", "? [1, 2]\n: 3", "\t- x"] {
        assert!(parse(text, env()).is_err(), "{text:?}");
    }
    let error = read(Path::new("/nowhere/config.yaml"), env()).map(drop).unwrap_err();
    assert!(error.starts_with("cannot read /nowhere/config.yaml: No such file"), "{error}");
}

#[test]
fn an_empty_file_is_a_configuration() {
    let reading = parse("", env()).unwrap();
    assert!(reading.faults.is_empty() && reading.config.models.is_empty());
}

#[test]
fn without_a_file_the_keys_in_the_environment_say_what_is_served() {
    let entries = from_environment(&env());
    let (catalog, faults) = Catalog::build(&entries, Settings::default(), &env());
    assert!(faults.is_empty(), "{faults:?}");
    assert!(catalog.models.iter().any(|m| m.name == "gpt-4o-mini" && m.key.is_some()));
    assert!(!catalog.models.iter().any(|m| m.deployment.provider == "anthropic"));
    assert!(from_environment(&Environment::default()).is_empty());
}

#[test]
fn every_default_model_has_its_price() {
    let env = Environment::from([("OPENAI_API_KEY", "1"), ("ANTHROPIC_API_KEY", "2")]);
    for entry in from_environment(&env) {
        assert!(Prices::table().named(&entry.name).is_some(), "{}", entry.name);
    }
}

#[test]
fn the_demo_is_served_in_both_formats() {
    let (catalog, faults) = Catalog::build(&demo("http://127.0.0.1:1"), Settings::default(), &env());
    assert!(faults.is_empty(), "{faults:?}");
    let providers: Vec<_> = catalog.models.iter().map(|m| (&*m.name, &*m.deployment.provider)).collect();
    assert_eq!(providers, [("demo", "openai"), ("demo-claude", "anthropic")]);
}
