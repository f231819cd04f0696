//! How well credentials are told from other text, measured on values that this file makes from parts and labels itself. No
//! value stands here as a whole, so that no scanner takes one for a leak. Run with `--nocapture` for the figures.

use std::collections::BTreeMap;

use super::looks_like;

/// A small generator of pseudo-random numbers (xorshift), so that each run sees the same values.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..length).map(|_| letters[(self.next() % letters.len() as u64) as usize]).collect()
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[(self.next() % from.len() as u64) as usize]
    }
}

const HEX: &str = "0123456789abcdef";
const ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE64: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const PASSWORD: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!%*+-_.";

const ANNOUNCES: &[&str] = &[
    "DB_PASSWORD",
    "password",
    "adminPassword",
    "API_KEY",
    "apiKey",
    "CLIENT_SECRET",
    "clientSecret",
    "ACCESS_TOKEN",
    "accessToken",
    "MYSQL_ROOT_PASSWORD",
    "secret-key",
    "privateKey",
    "redis.password",
    "SMTP_PASS",
    "passphrase",
];
const OTHER: &[&str] = &[
    "IMAGE",
    "DB_HOST",
    "CHECKSUM",
    "GIT_COMMIT",
    "RELEASE",
    "REQUEST_ID",
    "NAME",
    "REGION",
    "LOG_LEVEL",
    "VERSION",
    "CONFIG_HASH",
    "BUILD",
    "ANNOTATION",
    "TRACE_ID",
];

/// CRC-32 of a text in base 62, six digits: the end of tokens of GitHub and npm.
fn checksum(body: &str) -> String {
    let crc = !body.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    });
    let digits = ALNUM.as_bytes();
    let mut rest = crc;
    let mut out: Vec<char> = (0..6)
        .map(|_| {
            let digit = digits[(rest % 62) as usize];
            rest /= 62;
            char::from(digit)
        })
        .collect();
    out.reverse();
    out.into_iter().collect()
}

fn base64url(text: &str) -> String {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".as_bytes();
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len()).for_each(|at| out.push(char::from(letters[(bits >> (18 - 6 * at) & 63) as usize])));
    }
    out
}

/// A value: the class it is of, the name it stands under, its text, and whether it is a credential.
type Value = (&'static str, String, String, bool);

fn credentials(dice: &mut Dice) -> Vec<Value> {
    let mut all = Vec::new();
    for _ in 0..25 {
        let name = dice.pick(OTHER).to_owned();
        let mut add = |class, text: String| all.push((class, name.clone(), text, true));
        let body = dice.text(ALNUM, 30);
        add("GitHub", format!("{}{}{body}{}", "gh", "p_", checksum(&body)));
        add("npm", format!("{}{}{body}{}", "np", "m_", checksum(&body)));
        add("GitLab", format!("{}{}{}7", "glp", "at-", dice.text(ALNUM, 19)));
        add("Slack", format!("{}{}-{}-{}", "xo", "xb", dice.text("123456789", 12), dice.text(ALNUM, 24)));
        add("Stripe", format!("{}{}{}7a", "sk_", "live_", dice.text(ALNUM, 24)));
        add("Vault", format!("{}{}{}7a", "hv", "s.", dice.text(ALNUM, 90)));
        add("age", format!("{}{}{}", "AGE-SECRET", "-KEY-1", dice.text("ACDEFGHJKLMNPQRSTUVWXYZ023456789", 58)));
        add("Google", format!("{}{}{}7a", "AI", "za", dice.text(ALNUM, 33)));
        add("SendGrid", format!("{}{}{}7.{}a", "S", "G.", dice.text(ALNUM, 21), dice.text(ALNUM, 42)));
        add(
            "Azure",
            format!("DefaultEndpointsProtocol=https;AccountName=a;{}{}==", "AccountKey=", dice.text(BASE64, 86)),
        );
        add("AWS", format!("{}{} {}7a", "AK", format_args!("IA{}", dice.text(BASE32, 16)), dice.text(ALNUM, 38)));
        add("private key", format!("-----BEGIN {} KEY-----\n{}\n-----END", "PRIVATE", dice.text(BASE64, 64)));
        let (head, claims) = (base64url("{\"alg\":\"HS256\"}"), base64url("{\"sub\":\"app\"}"));
        add("JWT", format!("{head}.{claims}.{}", dice.text(ALNUM, 43)));
        add("URL", format!("postgres://app:{}@db.shop:5432/main", dice.text(ALNUM, 16)));
        let name = dice.pick(ANNOUNCES).to_owned();
        let mut add = |class, text: String| all.push((class, name.clone(), text, true));
        add("password", dice.text(PASSWORD, 12));
        add("long password", dice.text(PASSWORD, 32));
        add("hex key", dice.text(HEX, 32));
        add("base64 key", format!("{}=", dice.text(BASE64, 43)));
        add(
            "word and number",
            format!("{}{}", dice.pick(&["summer", "hunter", "Welcome", "dragon"]), dice.text("123456789", 3)),
        );
        let uuid = [8, 4, 4, 4, 12].map(|length| dice.text(HEX, length)).join("-");
        add("uuid as a key", uuid);
    }
    all
}

fn others(dice: &mut Dice) -> Vec<Value> {
    let mut all = Vec::new();
    for _ in 0..25 {
        let name = dice.pick(OTHER).to_owned();
        let mut add = |class, text: String| all.push((class, name.clone(), text, false));
        add("SHA-256", dice.text(HEX, 64));
        add("commit", dice.text(HEX, 40));
        add("image digest", format!("registry.example/app@sha256:{}", dice.text(HEX, 64)));
        add("UUID", [8, 4, 4, 4, 12].map(|length| dice.text(HEX, length)).join("-"));
        add(
            "certificate",
            format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", dice.text(BASE64, 64)),
        );
        add("public key", format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{}", dice.text(BASE64, 43)));
        add("base64", format!("{}=", dice.text(BASE64, 43)));
        add("wrong checksum", format!("{}{}{}", "gh", "p_", dice.text(ALNUM, 36)));
        add("address", format!("https://{}.example/{}", dice.text(HEX, 6), dice.text(HEX, 8)));
        add("word", dice.text("abcdefghijklmnopqrstuvwxyz", 10));
        add("key id", format!("{}{}", "AK", format_args!("IA{}", dice.text(BASE32, 16))));
        let (name, short) = (dice.pick(ANNOUNCES).to_owned(), dice.text(HEX, 6));
        let mut add = |class, text: String| all.push((class, name.clone(), text, false));
        add("variable", dice.pick(&["${DB_PASSWORD}", "$(TOKEN)", "{{ .Values.password }}", "%PASS%"]).to_owned());
        add("placeholder", dice.pick(&["<your-token>", "REPLACE_ME", "<password>", "xxxxxxxx", "TODO"]).to_owned());
        add(
            "reference",
            format!("{}{short}", dice.pick(&["vault:kv/data/app#", "op://vault/item/", "ref+awsssm://app/"])),
        );
        add("SOPS", format!("ENC[AES256_GCM,data:{},iv:{},tag:{},type:str]", dice.text(BASE64, 12), short, short));
        add("path", format!("/run/secrets/{short}"));
        add("switch", dice.pick(&["true", "false", "disabled", "none"]).to_owned());
        add("duration", dice.pick(&["30s", "1h", "720h", "15m"]).to_owned());
        add("plain address", format!("https://login.example/{short}"));
        let name =
            dice.pick(&["PASSWORD_FILE", "TOKEN_URL", "SECRET_NAME", "API_KEY_ID", "PASSWORD_LENGTH", "AUTH_METHOD"]);
        all.push(("about one", name.to_owned(), format!("db-{short}"), false));
        // A name ends in `secret`, and the value names an object: only a person can tell.
        let name = dice.pick(&["DB_SECRET", "tlsSecret", "existingSecret"]);
        all.push((
            "name of a Secret",
            name.to_owned(),
            format!("{}-credentials", dice.pick(&["db", "shop", "redis"])),
            false,
        ));
    }
    all
}

#[test]
fn credentials_are_found_and_little_else() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let values: Vec<Value> = credentials(&mut dice).into_iter().chain(others(&mut dice)).collect();
    assert!(values.len() >= 1_000, "{}", values.len());
    let (mut hits, mut missed, mut false_alarms) = (0, 0, 0);
    let mut classes: BTreeMap<(bool, &str), (usize, usize)> = BTreeMap::new();
    for (class, name, text, is) in &values {
        let found = looks_like(text, Some(name));
        match (is, found) {
            (true, true) => hits += 1,
            (true, false) => missed += 1,
            (false, true) => false_alarms += 1,
            (false, false) => {}
        }
        let class = classes.entry((*is, class)).or_default();
        class.0 += 1;
        class.1 += usize::from(found == *is);
    }
    for ((is, class), (all, right)) in &classes {
        println!("{:14} {class:18} {right} of {all} right", if *is { "credential" } else { "other text" });
    }
    let precision = f64::from(hits) / f64::from(hits + false_alarms);
    let recall = f64::from(hits) / f64::from(hits + missed);
    println!("{} values: precision {precision:.3}, recall {recall:.3}", values.len());
    assert!(precision >= 0.97, "precision {precision:.3}");
    assert!(recall >= 0.99, "recall {recall:.3}");
}

/// The same values, seen by gitleaks, for the figures of `docs/rules/credentials.md`. Runs where `GITLEAKS` names its program.
#[test]
fn another_scanner_sees_the_same_values() {
    let Some(program) = std::env::var_os("GITLEAKS") else {
        println!("skipped: GITLEAKS names no program");
        return;
    };
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let values: Vec<Value> = credentials(&mut dice).into_iter().chain(others(&mut dice)).collect();
    let dir = tempfile::tempdir().expect("a temporary directory");
    let tree = dir.path().join("tree");
    std::fs::create_dir(&tree).expect("a directory");
    for (at, (_, name, text, _)) in values.iter().enumerate() {
        let line = format!("{name}: {}\n", serde_json::Value::from(text.as_str()));
        std::fs::write(tree.join(format!("{at}.yaml")), line).expect("a file");
    }
    let report = dir.path().join("report.json");
    let mut command = std::process::Command::new(program);
    command.arg("dir").arg(&tree).args(["--no-banner", "--exit-code", "0", "--report-format", "json", "--report-path"]);
    let status = command.arg(&report).status().expect("the program starts");
    assert!(status.success());
    let report = std::fs::read_to_string(&report).expect("a report");
    let found: Vec<serde_json::Value> = serde_json::from_str(&report).expect("JSON");
    let of = |entry: &serde_json::Value| {
        let file = std::path::Path::new(entry["File"].as_str()?).file_stem()?.to_str()?;
        file.parse::<usize>().ok()
    };
    let files: std::collections::BTreeSet<usize> = found.iter().filter_map(of).collect();
    let hits = files.iter().filter(|at| values[**at].3).count();
    let all = values.iter().filter(|value| value.3).count();
    println!("gitleaks: {hits} of {all} credentials, {} other texts", files.len() - hits);
    assert!(hits > 0, "the scanner saw nothing");
}
