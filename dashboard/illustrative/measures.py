"""The measures, written by hand: what each counts, why it matters, and who answers for it."""

from typing import NamedTuple


class Measure(NamedTuple):
    """One measure as data/reference/measures.csv holds it."""

    measure_id: str
    service_id: str
    name: str
    unit: str
    good_direction: str
    frequency: str
    cumulative: str
    definition: str
    why_it_matters: str
    owner_role: str
    checked_by: str
    next_review: str
    source: str
    kind: str
    part_of_whole: str
    rolling_months: str


# service_id: who owns its measures unless one says otherwise, who checks them, which system the
# return comes from, and when the definitions are next reviewed (spread over 2018, so that the
# work does not fall on one month).
STEWARDS = {
    "onesource": ("Chief Executive", "Head of Strategic Finance", "finance", "2018-07-31"),
    "ict": ("Director of ICT", "ICT Performance Analyst", "service desk", "2018-06-30"),
    "hr": ("Director of HR & OD", "Workforce Information Lead", "HR system", "2018-09-30"),
    "exchequer": ("Director of Exchequer & Transactional", "Transactional Quality Lead",
                  "accounts payable and payroll", "2018-05-31"),
    "council_tax_benefits": ("Head of Council Tax & Benefits", "Revenues Control Officer",
                             "revenues and benefits", "2018-06-30"),
    "finance": ("Director of Finance", "Chief Accountant", "general ledger", "2018-05-31"),
    "legal_governance": ("Director of Legal & Governance", "Information Governance Lead",
                         "case management", "2018-10-31"),
    "procurement": ("Head of Procurement", "Spend Analyst", "purchasing", "2018-11-30"),
    "asset_management": ("Director of Asset Management", "Property Data Lead",
                         "property register", "2018-09-30"),
    "health_safety": ("Head of Health & Safety", "Senior Safety Adviser",
                      "incident register", "2018-10-31"),
    "internal_audit": ("Head of Assurance", "Audit Manager", "audit plan", "2018-12-31"),
    "printing": ("Print Services Manager", "Business Services Analyst", "print desk",
                 "2018-11-30"),
    "business_improvement": ("Head of Business Improvement", "Programme Office Lead",
                             "review tracker", "2018-12-31"),
    "pmo": ("Head of the Project Management Office", "Programme Office Lead",
            "project register", "2018-12-31"),
}  # fmt: skip


def _measure(service, measure_id, name, unit, good, frequency, kind, definition, why, *,
             owner="", cumulative=False, source="", part_of_whole="",
             rolling_months=""):  # fmt: skip
    steward, checker, system, review = STEWARDS[service]
    return Measure(
        measure_id, service, name, unit, good, frequency, str(cumulative).lower(), definition,
        why, owner or steward, checker, review,
        source or f"oneSource {system} return (illustrative)", kind,
        part_of_whole, rolling_months,
    )  # fmt: skip


MEASURES = [
    _measure(
        "onesource", "service_savings", "Savings made", "£m", "higher", "annual", "financial",
        "Savings made in the financial year by the whole service, for all councils together.",
        "oneSource was set up to cost less than separate back offices. This is the plainest test "
        "of whether it does.",
        source="oneSource annual report",
    ),
    # ICT
    _measure(
        "ict", "incidents_in_time", "Incidents resolved within the agreed time", "%", "higher",
        "monthly", "speed",
        "Incidents closed in the month within the time agreed for their priority, out of all "
        "incidents closed in the month.",
        "Staff who cannot work because of an ICT fault cannot serve residents. The agreed times "
        "are what the councils pay for.",
        owner="Head of ICT Operations",
    ),
    _measure(
        "ict", "first_contact_fix", "Incidents fixed at first contact", "%", "higher", "monthly",
        "quality",
        "Incidents solved by the service desk during the first call or chat, out of all incidents "
        "reported to the desk.",
        "A fault fixed in the first call costs least and annoys least. It also shows whether the "
        "desk has the knowledge and the rights it needs.",
        owner="Service Desk Manager",
    ),
    _measure(
        "ict", "ict_availability", "Availability of the main systems", "%", "higher", "monthly",
        "quality",
        "Minutes in which the 22 main systems could be used, out of the minutes agreed; planned "
        "maintenance outside office hours is left out.",
        "When payments, social care or email are down, whole offices stop. Half a percent is "
        "about an hour a month for every system.",
        owner="Head of ICT Operations",
    ),
    _measure(
        "ict", "priority_1_incidents", "Priority 1 incidents", "number", "lower", "quarterly",
        "quality",
        "Incidents in the quarter that stopped a whole service or site.",
        "Each one means that residents were turned away or staff sent home. Few as they are, "
        "every one should have a cause that is known and removed.",
        owner="Head of ICT Operations",
    ),
    _measure(
        "ict", "ict_user_satisfaction", "Users satisfied with how ICT dealt with them", "%",
        "higher", "monthly", "quality",
        "Users who say they are satisfied or very satisfied in the short survey sent when a call "
        "is closed, out of those who answer it.",
        "The agreed times can be met and the fault still be there. This asks the person who had "
        "it.",
        owner="Service Desk Manager",
    ),
    _measure(
        "ict", "cost_per_workstation", "Cost per workstation", "£", "lower", "annual", "financial",
        "Yearly cost of the service desk, devices and desktop support, divided by the average "
        "number of workstations supported.",
        "It lets the councils compare what they pay with others, whatever their size.",
    ),
    _measure(
        "ict", "ict_tickets", "Calls to the ICT service desk", "number", "neither", "monthly",
        "volume",
        "Incidents and requests logged in the month.",
        "More calls may mean more faults or more staff served. It explains pressure on the other "
        "ICT measures.",
        owner="Service Desk Manager",
    ),
    # HR & OD
    _measure(
        "hr", "sickness_days", "Sickness days per FTE, rolling year", "days per FTE", "lower",
        "monthly", "quality",
        "Working days lost to sickness in the twelve months to the end of this month, divided by "
        "the average full-time equivalent staff; schools left out.",
        "Every day lost is paid for and usually covered by overtime or agency staff. It also says "
        "something about how staff are treated.",
        owner="Head of HR Operations",
        rolling_months="12",
    ),
    _measure(
        "hr", "staff_turnover", "Staff turnover, rolling year", "%", "range", "monthly", "quality",
        "Leavers in the twelve months to the end of this month out of the average number of "
        "staff.",
        "Too many leavers drain skill and cost recruitment; too few may mean that nobody new "
        "comes in. Between 11% and 15% is thought healthy.",
        owner="Head of HR Operations",
        rolling_months="12",
    ),
    _measure(
        "hr", "offer_to_contract_days", "Days from job offer to contract", "days", "lower",
        "monthly", "speed",
        "Average working days between a verbal offer and the contract being sent, for contracts "
        "sent in the month.",
        "Good candidates take other jobs while they wait. Posts left open are filled by agency "
        "staff at a higher price.",
        owner="Recruitment Manager",
    ),
    _measure(
        "hr", "agency_share", "Agency staff in the workforce", "%", "lower", "monthly",
        "financial",
        "Agency workers (full-time equivalent) at the end of the month out of all staff and "
        "agency workers.",
        "An agency worker costs more than an employee in the same post and stays less long.",
    ),
    _measure(
        "hr", "apprentices_share", "Apprentices in the workforce", "%", "higher", "quarterly",
        "quality",
        "Apprentices in post at the end of the quarter out of all staff.",
        "Public bodies are expected to reach 2.3% of their staff a year. Apprentices are also "
        "how the boroughs bring their own young people in.",
        owner="Head of Organisational Development",
    ),
    _measure(
        "hr", "appraisals_done", "Appraisals done", "%", "higher", "quarterly", "quality",
        "Staff with an appraisal recorded in the last twelve months out of the staff who were due "
        "one.",
        "People who know what is expected of them do better work. Pay progression rests on it "
        "too.",
        owner="Head of Organisational Development",
    ),
    _measure(
        "hr", "contracts_issued", "Contracts of employment sent", "number", "neither", "monthly",
        "volume",
        "Contracts of employment sent in the month.",
        "It shows how busy recruitment is, and whether a slower month had more to do.",
        owner="Recruitment Manager",
    ),
    # Exchequer & Transactional
    _measure(
        "exchequer", "invoices_in_30_days", "Invoices paid within 30 days", "%", "higher",
        "monthly", "speed",
        "Undisputed invoices paid in the month within 30 days of receipt, out of all undisputed "
        "invoices paid in the month.",
        "The law gives public bodies 30 days. Late payment hurts suppliers and can bring "
        "interest charges.",
        owner="Head of Accounts Payable",
    ),
    _measure(
        "exchequer", "small_suppliers_in_10_days", "Small suppliers paid within 10 days", "%",
        "higher", "monthly", "speed",
        "Undisputed invoices of small suppliers paid in the month within 10 days of receipt, out "
        "of all such invoices paid in the month.",
        "For a small local firm, three weeks without the money can mean not paying wages.",
        owner="Head of Accounts Payable",
    ),
    _measure(
        "exchequer", "payroll_accuracy", "Payslips right first time", "%", "higher", "monthly",
        "quality",
        "Payslips that needed no correction by the payroll team, out of all payslips issued.",
        "A wrong payslip is a real hardship for the person who gets it, and costs several times "
        "a right one to mend.",
        owner="Head of Payroll",
    ),
    _measure(
        "exchequer", "sundry_debt_collected", "Sundry debt collected", "%", "higher", "monthly",
        "financial",
        "Money collected within 60 days of the invoice, out of the money invoiced two months "
        "earlier; council tax and rents left out.",
        "Debt that is not collected early is seldom collected at all, and then other residents "
        "pay for it.",
        owner="Head of Income and Debt",
    ),
    _measure(
        "exchequer", "cost_per_invoice", "Cost per invoice", "£", "lower", "quarterly",
        "financial",
        "Cost of accounts payable in the quarter divided by the invoices handled.",
        "Handling invoices is the same work in every council, so its price is a fair test of a "
        "shared service.",
        owner="Head of Accounts Payable",
    ),
    _measure(
        "exchequer", "cost_per_payslip", "Cost per payslip", "£", "lower", "quarterly",
        "financial",
        "Cost of the payroll team in the quarter divided by the payslips issued.",
        "Schools and other bodies can buy payroll elsewhere: this price decides whether they "
        "stay.",
        owner="Head of Payroll",
    ),
    _measure(
        "exchequer", "invoices_handled", "Invoices handled", "number", "neither", "monthly",
        "volume",
        "Supplier invoices paid in the month.",
        "Invoices rush in before the year end. Speed has to be read beside how many there were.",
        owner="Head of Accounts Payable",
    ),
    _measure(
        "exchequer", "payslips_issued", "Payslips issued", "number", "neither", "monthly",
        "volume",
        "Payslips issued in the month, schools and other customers included.",
        "Payslips are what payroll sells: losing schools shows here before it shows in income.",
        owner="Head of Payroll",
    ),
    # Council Tax & Benefits
    _measure(
        "council_tax_benefits", "council_tax_collected", "Council tax collected in the year", "%",
        "higher", "monthly", "financial",
        "Council tax of this financial year collected from 1 April to the end of the month, out "
        "of what is due for the whole year.",
        "Council tax pays for the services that residents see. One percent less is more than a "
        "million pounds that has to be found elsewhere.",
        cumulative=True,
    ),
    _measure(
        "council_tax_benefits", "business_rates_collected", "Business rates collected in the year",
        "%", "higher", "monthly", "financial",
        "Business rates of this financial year collected from 1 April to the end of the month, "
        "out of what is due for the whole year.",
        "The councils keep part of the business rates, so what is not collected is their loss.",
        cumulative=True,
    ),
    _measure(
        "council_tax_benefits", "new_claims_days", "Days to decide new benefit claims", "days",
        "lower", "monthly", "speed",
        "Average calendar days from the receipt of a new claim to the decision, for claims "
        "decided in the month.",
        "A family waiting for housing benefit may fall behind with the rent. Long waits end in "
        "evictions.",
        owner="Benefits Manager",
    ),
    _measure(
        "council_tax_benefits", "benefit_changes_days", "Days to deal with benefit changes",
        "days", "lower", "monthly", "speed",
        "Average calendar days from notice of a change to the new decision, for changes dealt "
        "with in the month.",
        "While a change waits, people are paid too much or too little, and overpayments are hard "
        "to get back.",
        owner="Benefits Manager",
    ),
    _measure(
        "council_tax_benefits", "cost_per_dwelling", "Cost of council tax collection per dwelling",
        "£", "lower", "annual", "financial",
        "Yearly cost of billing and collecting council tax divided by the average number of "
        "dwellings.",
        "It shows whether a higher collection was bought at a higher price.",
    ),
    _measure(
        "council_tax_benefits", "claims_received", "New benefit claims received", "number",
        "neither", "monthly", "volume",
        "New claims for housing benefit or council tax support received in the month.",
        "Claims move to Universal Credit step by step. Fewer claims leave more time for each.",
        owner="Benefits Manager",
    ),
    # Finance
    _measure(
        "finance", "days_to_report", "Working days to the budget report", "days", "lower",
        "monthly", "speed",
        "Working days from the end of the accounting period to the budget report reaching the "
        "council's managers.",
        "A warning of an overspend is worth most while there is still time to act on it.",
        owner="Head of Management Accounts",
    ),
    _measure(
        "finance", "forecast_against_outturn", "Forecast against outturn", "%", "range",
        "quarterly", "quality",
        "How far the forecast made three months before lay above (+) or below (-) what was spent "
        "in the quarter, out of what was spent.",
        "Councillors set budgets on these forecasts. One that is often too high hides money; one "
        "that is too low hides trouble.",
        owner="Head of Management Accounts",
    ),
    _measure(
        "finance", "savings_delivered", "Savings delivered against plan", "%", "higher",
        "quarterly", "financial",
        "Savings delivered in the quarter out of the savings planned for the quarter, in the "
        "services run for this council.",
        "Budgets are cut in advance by the savings planned. What is not delivered becomes an "
        "overspend.",
        # More can be saved than was planned.
        part_of_whole="false",
    ),
    _measure(
        "finance", "bank_reconciliations", "Bank reconciliations done within 30 days", "%",
        "higher", "monthly", "quality",
        "Bank accounts reconciled within 30 days of the month end, out of those due.",
        "Reconciling the bank is how error and fraud come to light. The auditors ask for all of "
        "them.",
        owner="Head of Financial Control",
    ),
    # Legal & Governance
    _measure(
        "legal_governance", "foi_in_time", "Freedom of information requests answered in time",
        "%", "higher", "monthly", "speed",
        "Requests answered within 20 working days out of the requests answered in the month.",
        "Twenty working days is the law. The Information Commissioner watches authorities that "
        "fall below 90%.",
        owner="Information Governance Manager",
    ),
    _measure(
        "legal_governance", "complaints_in_time", "Stage 1 complaints answered in time", "%",
        "higher", "monthly", "speed",
        "Stage 1 complaints answered within the time limit out of those answered in the month. "
        "The limit was 20 working days to March 2016 and is 15 since.",
        "A complaint answered in good time seldom goes further. One left to wait ends with the "
        "ombudsman.",
        owner="Complaints Manager",
    ),
    _measure(
        "legal_governance", "ombudsman_upheld", "Ombudsman complaints upheld", "%", "lower",
        "quarterly", "quality",
        "Complaints that the ombudsman upheld out of those it decided in the quarter.",
        "An upheld complaint means that the council had its chance to put things right and did "
        "not.",
        owner="Complaints Manager",
    ),
    _measure(
        "legal_governance", "late_committee_reports", "Committee reports sent late", "%", "lower",
        "monthly", "quality",
        "Reports that missed the five clear days before the meeting out of all reports to "
        "committees in the month.",
        "Councillors and the public have a right to read what is to be decided. A decision on a "
        "late report can be challenged.",
        owner="Head of Democratic Services",
    ),
    _measure(
        "legal_governance", "legal_client_satisfaction", "Clients satisfied with legal advice",
        "%", "higher", "quarterly", "quality",
        "Officers who say that they are satisfied with the legal advice on a closed case, out of "
        "those who answer.",
        "Officers who do not trust the in-house lawyers turn to dearer ones outside.",
        owner="Head of Legal Services",
    ),
    _measure(
        "legal_governance", "external_counsel", "Spending on external counsel", "£", "lower",
        "quarterly", "financial",
        "Fees paid to barristers and outside solicitors in the quarter.",
        "An outside hour costs about three times an hour in house. Some cases need it; the rest "
        "is a choice.",
        owner="Head of Legal Services",
    ),
    _measure(
        "legal_governance", "foi_received", "Freedom of information requests received", "number",
        "neither", "monthly", "volume",
        "Requests received in the month.",
        "It explains pressure on the time limit, and shows what people want to know.",
        owner="Information Governance Manager",
    ),
    # Procurement
    _measure(
        "procurement", "procurement_savings", "Savings from procurement in the year", "£m",
        "higher", "quarterly", "financial",
        "Savings signed off by Finance from contracts let since 1 April.",
        "Most of what councils spend is bought in, so better buying is the saving that hurts "
        "least.",
        cumulative=True,
    ),
    _measure(
        "procurement", "orders_before_invoice", "Orders raised before the invoice", "%", "higher",
        "monthly", "quality",
        "Invoices with a purchase order dated before the invoice out of all invoices that need "
        "an order.",
        "An order raised afterwards is no control: the money is spent before anybody has agreed "
        "to it.",
        owner="Purchase to Pay Manager",
    ),
    _measure(
        "procurement", "waivers", "Waivers of the contract rules", "number", "lower", "quarterly",
        "quality",
        "Times in the quarter that a contract was let without the competition which the rules "
        "ask for.",
        "Each may have its reason. Many of them mean that buying starts too late, or that a rule "
        "does not fit.",
    ),
    _measure(
        "procurement", "small_business_share", "Spending with small businesses", "%", "higher",
        "quarterly", "financial",
        "Spending with firms of fewer than 50 staff out of all spending with suppliers in the "
        "quarter.",
        "Money spent with small local firms tends to stay in the borough.",
        owner="Category Manager",
    ),
    _measure(
        "procurement", "spend_under_contract", "Spending under contract", "%", "higher",
        "quarterly", "financial",
        "Spending with suppliers that have a current contract out of all spending with suppliers "
        "in the quarter.",
        "Spending without a contract is spending without an agreed price, quality or end date.",
        owner="Category Manager",
    ),
    _measure(
        "procurement", "orders_raised", "Purchase orders raised", "number", "neither", "monthly",
        "volume",
        "Purchase orders raised in the month.",
        "Orders rush in before the year end. Fewer and larger orders cost less to handle.",
        owner="Purchase to Pay Manager",
    ),
    # Asset Management
    _measure(
        "asset_management", "floor_area_good", "Floor area in good condition", "%", "higher",
        "quarterly", "quality",
        "Square metres graded A or B in the condition survey out of all square metres surveyed.",
        "Buildings left to decline cost more later, and some have to close.",
        owner="Head of Property Services",
    ),
    _measure(
        "asset_management", "commercial_rent", "Commercial rent received", "£", "higher",
        "quarterly", "financial",
        "Rent received from commercial property in the quarter; the target is the budget.",
        "Rent pays for services. A shortfall lands in the council's own budget, since rents are "
        "not shared.",
        owner="Commercial Estates Manager",
    ),
    _measure(
        "asset_management", "planned_maintenance", "Planned share of maintenance", "%", "higher",
        "monthly", "financial",
        "Spending on planned maintenance out of all spending on maintenance in the month.",
        "A repair that is planned costs less than one in a hurry and closes fewer rooms.",
        owner="Head of Property Services",
    ),
    _measure(
        "asset_management", "voids", "Commercial units empty", "%", "lower", "monthly",
        "financial",
        "Commercial units without a tenant at the end of the month out of all units that can be "
        "let.",
        "An empty shop earns nothing, costs business rates and pulls its street down.",
        owner="Commercial Estates Manager",
    ),
    _measure(
        "asset_management", "statutory_checks", "Statutory checks in date", "%", "higher",
        "monthly", "quality",
        "Checks on gas, electricity, lifts, water and asbestos that are in date out of all that "
        "the law asks for. Fire doors are included since October 2015.",
        "These checks keep people alive. Nothing below 100% is comfortable.",
        owner="Head of Compliance",
    ),
    _measure(
        "asset_management", "repair_jobs", "Repair jobs raised", "number", "neither", "monthly",
        "volume",
        "Repair jobs raised in the month.",
        "It rises with cold weather and with buildings that are wearing out.",
        owner="Head of Property Services",
    ),
    # Health & Safety
    _measure(
        "health_safety", "riddor_reports", "RIDDOR reports", "number", "lower", "quarterly",
        "quality",
        "Injuries, diseases and dangerous occurrences reported to the Health and Safety "
        "Executive in the quarter.",
        "These are the accidents serious enough to be reported by law. Each one is looked into.",
    ),
    _measure(
        "health_safety", "accidents_per_1000", "Accidents per 1,000 staff", "per 1,000 staff",
        "lower", "quarterly", "quality",
        "Accidents to staff recorded in the quarter for every 1,000 staff.",
        "Small accidents tell of the larger ones to come. A very low figure may only mean that "
        "people do not report them.",
    ),
    _measure(
        "health_safety", "risk_assessments", "Risk assessments in date", "%", "higher", "monthly",
        "quality",
        "Risk assessments reviewed when due out of all that are on the register.",
        "After an accident the first question is whether the risk was known and dealt with.",
    ),
    # Internal Audit & Counter Fraud
    _measure(
        "internal_audit", "audit_plan_done", "Audit plan done in the year", "%", "higher",
        "monthly", "volume",
        "Audits of the year's plan brought to a draft report since 1 April, out of the audits in "
        "the plan.",
        "The yearly opinion on how well the council is run rests on enough audits having been "
        "done.",
        cumulative=True,
    ),
    _measure(
        "internal_audit", "recommendations_accepted", "Audit recommendations accepted", "%",
        "higher", "quarterly", "quality",
        "High and medium recommendations that managers accepted out of those made in the quarter.",
        "Advice that is not accepted changes nothing. It is a test of the audits as much as of "
        "the managers.",
    ),
    _measure(
        "internal_audit", "days_to_draft", "Days to the draft audit report", "days", "lower",
        "quarterly", "speed",
        "Average working days from the end of the fieldwork to the draft report.",
        "Findings age quickly, and a late report finds the risk still there.",
    ),
    # Printing
    _measure(
        "printing", "print_orders_on_time", "Print orders delivered on time", "%", "higher",
        "monthly", "speed",
        "Print orders delivered by the day agreed out of all orders delivered in the month.",
        "Much of what is printed has a date that cannot move: ballot papers, bills, committee "
        "agendas.",
    ),
    _measure(
        "printing", "cost_per_print_order", "Cost per print order", "£", "lower", "quarterly",
        "financial",
        "Cost of the print room in the quarter divided by the orders delivered.",
        "It shows whether a print room of one's own is still worth having.",
    ),
    _measure(
        "printing", "pages_printed", "Pages printed", "number", "neither", "monthly", "volume",
        "Pages printed by the print room in the month.",
        "Printing should fall as work goes online; the room's size has to follow.",
    ),
    # Business Improvement and the Project Management Office
    _measure(
        "business_improvement", "reviews_on_time", "Service reviews finished on time", "%",
        "higher", "quarterly", "speed",
        "Reviews finished by the agreed date out of those due in the quarter.",
        "Savings are booked from the date in the plan, whether or not the review is done.",
    ),
    _measure(
        "business_improvement", "review_actions_done", "Review actions put in place", "%",
        "higher", "quarterly", "quality",
        "Agreed actions of earlier reviews put in place by their date out of those due in the "
        "quarter.",
        "A review that nobody acts on has only cost money.",
    ),
    _measure(
        "pmo", "projects_on_schedule", "Projects on schedule", "%", "higher", "monthly", "speed",
        "Projects whose next milestone is forecast on or before its agreed date out of all "
        "projects under way.",
        "A late project delays its savings and keeps two ways of working alive side by side.",
    ),
    _measure(
        "pmo", "project_reports_on_time", "Project reports sent on time", "%", "higher",
        "monthly", "quality",
        "Monthly project reports that reached the programme board in time out of those due.",
        "The board can only help with what it knows.",
    ),
]  # fmt: skip

BY_ID = {measure.measure_id: measure for measure in MEASURES}
